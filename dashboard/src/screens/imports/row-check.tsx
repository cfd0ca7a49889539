import { useId } from 'react';
import { Icon } from '../../ui/icon.tsx';
import { tellCount, tellPlural } from '../../ui/number.ts';
import type { RowCheck } from './check-rows.ts';
import { RefusalTable } from './refusal-table.tsx';

const SHOWN_MOST = 5;

/** What the first rows of a file would come to, before anything is sent. */
export function RowCheckView({ check, isWhole }: { readonly check: RowCheck; readonly isWhole: boolean }) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>{isWhole ? 'What would come of it' : `What the first ${tellCount(check.rows)} rows would come to`}</h2>
        <span className="row small" role="status">
          <span className="chip chip-good">
            <Icon name="check" isSmall />
            {tellPlural(check.good, 'row')} taken
          </span>
          {check.refusals.length === 0 ? null : (
            <span className="chip chip-warn">
              <Icon name="alert" isSmall />
              {tellCount(check.refusals.length)} refused
            </span>
          )}
          {check.repeated === 0 ? null : <span className="chip">{tellPlural(check.repeated, 'address', 'addresses')} again</span>}
        </span>
      </div>
      {check.refusals.length === 0 ? (
        <p className="panel-body small soft">This browser found nothing wrong. The hub looks at each row once more when it comes.</p>
      ) : (
        <>
          <RefusalTable refusals={check.refusals.slice(0, SHOWN_MOST)} />
          {check.refusals.length > SHOWN_MOST ? (
            <p className="panel-body small soft">
              And {tellCount(check.refusals.length - SHOWN_MOST)} more. The other rows are taken all the same.
            </p>
          ) : null}
        </>
      )}
    </section>
  );
}
