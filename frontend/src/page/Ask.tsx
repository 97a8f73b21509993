/** Asks before doing what cannot be undone. */

import type { ReactNode } from 'react';
import { Button, Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { m } from '../paraglide/messages';

interface Props {
  /** What the button says, before and in the question. */
  action: string;
  title: string;
  children?: ReactNode;
  isDisabled?: boolean;
  /** Whether the question can be answered with yes: false while something that it asks for is missing. */
  isReady?: boolean;
  className?: string;
  onYes: () => void;
}

export function Ask({ action, title, children, isDisabled = false, isReady = true, className = 'button', onYes }: Props) {
  return (
    <DialogTrigger>
      <Button className={className} isDisabled={isDisabled}>
        {action}
      </Button>
      <ModalOverlay className="overlay" isDismissable>
        <Modal className="modal">
          <Dialog role="alertdialog">
            {({ close }) => (
              <>
                <Heading slot="title">{title}</Heading>
                {children}
                <div className="row">
                  <Button
                    className="button button-bad"
                    isDisabled={!isReady}
                    onPress={() => {
                      close();
                      onYes();
                    }}
                  >
                    {action}
                  </Button>
                  <Button className="button" onPress={close} autoFocus>
                    {m.ask_no()}
                  </Button>
                </div>
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
