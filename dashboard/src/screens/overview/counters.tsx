import type { ReactNode } from 'react';
import type { Overview } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { tellCompact, tellCount } from '../../ui/number.ts';

/** The figures that say how much there is. */
export function Counters({ overview }: { readonly overview: Overview }) {
  const { events, people, leads, mails, governor, runs } = overview;
  const allRuns = Object.values(runs).reduce((sum, count) => sum + count, 0);
  return (
    <ul className="counters">
      <Counter
        href="/events"
        name="Events"
        value={events.total}
        note={events.today === undefined ? 'in the log' : `${tellCount(events.today)} today`}
      />
      <Counter href="/people" name="People" value={people} note="known by one identity or more" />
      <Counter href="/leads" name="Leads" value={leads} note="ordered by probability" />
      <Counter href="/runs" name="Runs" value={allRuns} note={`${tellCount(runs['running'] ?? 0)} going now`} />
      <Counter
        href="/mail"
        name="Mails"
        value={mails}
        note={
          governor.testSentToday
            ? `${tellCount(governor.testSentToday)} test sends today`
            : `${tellCount(governor.sentToday)} of ${tellCount(governor.dailyCap)} sends today`
        }
      />
    </ul>
  );
}

function Counter({
  href,
  name,
  value,
  note,
}: {
  readonly href: string;
  readonly name: string;
  readonly value: number;
  readonly note: ReactNode;
}) {
  return (
    <li className="panel counter">
      <Link href={href} className="counter-link">
        {name}
      </Link>
      <span className="counter-value number" title={tellCount(value)}>
        {tellCompact(value)}
      </span>
      <span className="counter-note">{note}</span>
    </li>
  );
}
