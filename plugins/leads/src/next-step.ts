import type { LeadsRow } from './gen/manifest.gen.ts';

const DAY_MS = 86_400_000;

/** What to do next with a lead, in a sentence. */
export function nextStepOf(lead: LeadsRow, now: number): string {
  const { status, phone, email, name, statusAt, reasons = [] } = lead;
  const how = phone !== undefined ? `Call ${phone}` : email !== undefined ? `Write to ${email}` : 'Find out how to reach them';
  const who = name === undefined ? '' : ` (${name})`;
  const because = reasons.find(({ contribution }) => contribution > 0)?.text.replace(/: [^:]*$/, '');
  const why = because === undefined ? '.' : `: ${because}.`;
  if (status === 'qualified') return `${how}${who} and offer a meeting${why}`;
  if (status === 'contacted') {
    const days = statusAt === undefined ? undefined : Math.max(0, Math.floor((now - statusAt) / DAY_MS));
    const since = days === undefined ? '' : days === 0 ? ' contacted today,' : ` contacted ${days === 1 ? 'a day' : `${days} days`} ago,`;
    return `${how}${who} again:${since} no answer yet.`;
  }
  return `${how}${who} for the first time${why}`;
}
