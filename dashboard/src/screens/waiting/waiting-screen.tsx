import { useCallback } from 'react';
import './waiting.css';
import { api } from '../../api/client.ts';
import { usePaged } from '../../api/use-paged.ts';
import type { RunInfo } from '../../api/types.ts';
import { useLive, useReloadOn, useReloadWhen } from '../../live/live-context.ts';
import { Link } from '../../routing/link.tsx';
import { Empty } from '../../ui/empty.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { text } from '../../ui/person-name.ts';
import { ApprovalCard } from './approval-card.tsx';

/** Everything that goes on only when a person has said something. */
export function WaitingScreen() {
  return (
    <>
      <PageHead title="Waiting for you" lead="Runs that go on only when a person has decided, or has logged in again at a service." />
      <div className="stack">
        <Approvals />
        <WaitingRuns
          state="needs_review"
          title="Did it happen?"
          lead="A call was cut off and the service cannot be asked. It is never repeated by itself."
          link="Look and decide"
          empty="No call was cut off."
        />
        <WaitingRuns
          state="blocked"
          title="Needs a login"
          lead="A connection is refused by its service. These runs go on by themselves after: tendril connections add."
          link="Which one"
          empty="Every connection that was needed works."
        />
      </div>
    </>
  );
}

function Approvals() {
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => api.approvals({ cursor }, signal), []);
  const approvals = usePaged('approvals', load);
  useReloadOn('approvals', approvals.reload);
  useReloadWhen(
    useLive((live) => live.overview?.runs['needs_approval']),
    approvals.reload,
  );
  return (
    <section aria-labelledby="approvals-title">
      <h2 id="approvals-title" className="waiting-title">
        To approve
      </h2>
      <Loaded resource={approvals} skeletonLines={3}>
        {(items) =>
          items.length === 0 ? (
            <div className="panel">
              <Empty icon="check" title="Nothing to approve">
                A step that says approve stops here until somebody has decided. It appears by itself.
              </Empty>
            </div>
          ) : (
            <ul className="approvals">
              {items.map((approval) => (
                <li key={approval.id}>
                  <ApprovalCard approval={approval} onDecided={approvals.reload} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <LoadMore paged={approvals} />
    </section>
  );
}

interface WaitingRunsProps {
  readonly state: 'needs_review' | 'blocked';
  readonly title: string;
  readonly lead: string;
  readonly link: string;
  readonly empty: string;
}

function WaitingRuns({ state, title, lead, link, empty }: WaitingRunsProps) {
  const load = useCallback((cursor: string | undefined, signal?: AbortSignal) => api.runs({ state, cursor }, signal), [state]);
  const runs = usePaged(`waiting:${state}`, load);
  useReloadWhen(
    useLive((live) => live.overview?.runs[state]),
    runs.reload,
  );
  return (
    <section className="panel" aria-labelledby={`waiting-${state}`}>
      <div className="panel-head waiting-head">
        <h2 id={`waiting-${state}`}>{title}</h2>
        <p className="small soft">{lead}</p>
      </div>
      <Loaded resource={runs} skeletonLines={2}>
        {(items) =>
          items.length === 0 ? (
            <p className="panel-body small soft">{empty}</p>
          ) : (
            <ul className="waiting-runs">
              {items.map((run) => (
                <li key={run.id} className="waiting-run">
                  <span className="stack-tight waiting-what">
                    <strong className="wrap-anywhere">{run.pipeline}</strong>
                    <span className="small soft">
                      {tellProblem(run)} <Moment at={run.startedAt} />
                    </span>
                  </span>
                  <Link href={`/runs/${encodeURIComponent(run.id)}`} className="button" aria-label={`${link}: ${run.pipeline} ${run.id}`}>
                    {link}
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <LoadMore paged={runs} />
    </section>
  );
}

function tellProblem({ error = {}, personId }: RunInfo): string {
  const said = text(error['title']) || text(error['message']) || text(error['code']);
  return [said, personId === undefined ? '' : `for ${personId}`].filter((part) => part !== '').join(' · ');
}
