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
  className?: string;
  onYes: () => void;
}

export function Ask({ action, title, children, isDisabled = false, className = 'button', onYes }: Props) {
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
