/** The buttons that act on failed messages, each asking first; how far it is, and what was left and why. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Ask } from '../../page/Ask';
import { Failure } from '../../page/Failure';
import { m } from '../../paraglide/messages';
import type { Progress } from '../acts';
import { type Wish, carryOut } from './acts';

/** As long as the API takes it. */
const LONGEST_REASON = 500;

export function useDeed(onDone: () => void) {
  const queries = useQueryClient();
  const [progress, setProgress] = useState<Progress>();
  const deed = useMutation({
    mutationFn: (wishes: Wish[]) => carryOut(wishes, setProgress),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['insights'] });
      onDone();
    },
  });
  return { ...deed, progress };
}

export function DeedState({ deed }: { deed: ReturnType<typeof useDeed> }) {
  const { progress, data, error, isPending } = deed;
  return (
    <>
      {isPending && progress && (
        <label>
          {m.console_progress({ done: progress.done, of: progress.of })} <progress value={progress.done} max={Math.max(progress.of, 1)} />
        </label>
      )}
      {error && <Failure error={error} />}
      {data && (
        <div className={`notice ${data.left.length > 0 ? 'notice-bad' : 'notice-good'}`} role="status">
          <p>{m.console_done({ done: data.done, of: data.done + data.left.length })}</p>
          {data.left.length > 0 && (
            <>
              <ul>
                {data.left.map((one) => (
                  <li key={`${one.queue} ${one.id}`}>
                    <code>{one.id}</code> <span lang="en">{one.why}</span>
                  </li>
                ))}
              </ul>
              <p>{m.failed_left_advice()}</p>
            </>
          )}
        </div>
      )}
    </>
  );
}

interface ButtonProps {
  label: string;
  count: number;
  isDisabled: boolean;
  onYes: (reason: string) => void;
}

export function RedriveButton({ label, count, isDisabled, onYes }: ButtonProps) {
  return (
    <Ask action={label} title={m.failed_redrive_sure({ count })} isDisabled={isDisabled} onYes={() => onYes('')}>
      <p>{m.failed_redrive_what()}</p>
    </Ask>
  );
}

export function DropButton({ label, count, isDisabled, onYes }: ButtonProps) {
  const [reason, setReason] = useState('');
  return (
    <Ask
      action={label}
      title={m.failed_drop_sure({ count })}
      isDisabled={isDisabled}
      isReady={reason.trim() !== ''}
      onYes={() => {
        onYes(reason.trim());
        setReason('');
      }}
    >
      <p>{m.failed_drop_what()}</p>
      <label className="field">
        {m.console_reason()}
        <input value={reason} required maxLength={LONGEST_REASON} onChange={(event) => setReason(event.target.value)} />
      </label>
    </Ask>
  );
}
