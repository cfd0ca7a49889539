import { useEffect, useRef, useState } from 'react';
import { duplicatesApi } from '../../api/customers/duplicates.ts';
import { Icon } from '../../ui/icon.tsx';
import { tellCount, tellPlural } from '../../ui/number.ts';
import { useTask } from '../../ui/use-task.ts';

/** Compares everybody with everybody who may be the same, some at a time; it can be stopped. */
export function LookForDuplicates({ onFound }: { readonly onFound: () => void }) {
  const [found, setFound] = useState<{ readonly looked: number; readonly proposed: number } | undefined>(undefined);
  const task = useTask();
  const abort = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  async function look(): Promise<void> {
    const { signal } = (abort.current = new AbortController());
    let cursor: string | undefined;
    let [looked, proposed] = [0, 0];
    do {
      const page = await duplicatesApi.look(cursor, signal);
      looked += page.looked;
      proposed += page.proposed;
      cursor = page.nextCursor;
      setFound({ looked, proposed });
    } while (cursor !== undefined && !signal.aborted);
    if (proposed > 0) onFound();
  }

  return (
    <>
      <span className="small soft number" role="status">
        {task.problem !== undefined
          ? task.problem.message
          : found === undefined
            ? ''
            : `${tellCount(found.looked)} looked at, ${tellPlural(found.proposed, 'new pair')}`}
      </span>
      {task.isBusy ? (
        <button type="button" className="button" onClick={() => abort.current?.abort()}>
          <Icon name="stop" />
          Stop
        </button>
      ) : (
        <button type="button" className="button" onClick={() => void task.run(look)}>
          Look through everybody
        </button>
      )}
    </>
  );
}
