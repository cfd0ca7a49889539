import type { ReactNode } from 'react';
import type { Overview } from '../../api/types.ts';
import { useLive } from '../../live/live-context.ts';
import { Link } from '../../routing/link.tsx';
import { tellPlural, tellRate } from '../../ui/number.ts';

/** What is going on, in sentences. */
export function GoingOn({ overview }: { readonly overview: Overview }) {
  const measured = useLive((live) => live.perSecond);
  const { events, runs, consumers, governor, people } = overview;
  if (events.total === 0) {
    return <>Nothing has arrived yet. Point an SDK or curl at this hub with your write key; the first event shows here at once.</>;
  }
  const review = runs['needs_review'] ?? 0;
  const blocked = runs['blocked'] ?? 0;
  return (
    <>
      {tellArrival(events.perSecond ?? measured)} {tellFollowing(consumers)} {tellPlural(people, 'person is', 'people are')} known.{' '}
      {review > 0 ? <Waiting href="/runs?state=needs_review">{tellPlural(review, 'run needs', 'runs need')} your decision</Waiting> : null}
      {blocked > 0 ? <Waiting href="/runs?state=blocked">{tellPlural(blocked, 'run waits', 'runs wait')} for a login</Waiting> : null}
      {review + blocked === 0 ? 'No run needs you. ' : null}
      {governor.isPaused ? 'Sending is paused.' : null}
    </>
  );
}

function Waiting({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  return (
    <>
      <Link href={href}>{children}</Link>.{' '}
    </>
  );
}

function tellArrival(perSecond: number): string {
  if (perSecond === 0) return 'No events are arriving just now.';
  if (perSecond < 1) return 'Events are arriving now and then.';
  return `Events are arriving, about ${tellRate(perSecond)} a second.`;
}

function tellFollowing(consumers: Overview['consumers']): string {
  const paused = consumers.filter((consumer) => consumer.isPaused);
  if (paused.length > 0) return `${paused.map((consumer) => consumer.id).join(', ')} ${paused.length === 1 ? 'is' : 'are'} paused.`;
  const worst = Math.max(0, ...consumers.map((consumer) => consumer.lagMs));
  if (worst < 1_000) return 'Everything that follows them keeps up.';
  return `The slowest follower is ${String(Math.round(worst / 1_000))} s behind.`;
}
