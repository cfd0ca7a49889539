import { moment } from './instants.ts';

/** A call that would have been made, as the API gives it. */
export interface ShownCall {
  readonly path: string;
  readonly action: string;
  readonly effect: string;
  readonly connection?: string;
  readonly input: unknown;
  readonly at: string;
  readonly answeredBy: string;
  readonly output?: unknown;
  readonly heldBack?: string;
  readonly cost?: { readonly amount: number; readonly currency: string };
}

const LONGEST_INPUT = 80;

/** Calls as rows of a table. */
export function callRows(calls: readonly ShownCall[]): readonly Readonly<Record<string, unknown>>[] {
  return calls.map((call) => ({
    at: moment(call.at),
    step: call.path,
    call: call.action,
    effect: call.effect,
    'what of it': fateOf(call),
    input: shorten(JSON.stringify(call.input)),
  }));
}

/** Calls of a case as rows of a table, with what they were answered. */
export function answeredRows(calls: readonly ShownCall[]): readonly Readonly<Record<string, unknown>>[] {
  return calls.map(({ at, path, action, input, answeredBy, output, heldBack }) => ({
    at: moment(at),
    step: path,
    call: action,
    input: shorten(JSON.stringify(input)),
    answer: heldBack === undefined ? shorten(`${answeredBy} ${JSON.stringify(output ?? null)}`) : `held back: ${heldBack}`,
  }));
}

/** Amounts by currency, such as `12.50 EUR`. */
export function costText(cost: Readonly<Record<string, number>> | undefined): string {
  return Object.entries(cost ?? {})
    .map(([currency, amount]) => `${amount.toFixed(2)} ${currency}`)
    .join(', ');
}

/** Counts by name, the largest first: `12 where, 3 max age`. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`)
    .join(', ');
}

function fateOf({ heldBack, answeredBy, effect, cost }: ShownCall): string {
  if (heldBack !== undefined) return `held back: ${heldBack}`;
  if (effect === 'read' && answeredBy === 'action') return 'done';
  return cost === undefined ? 'not done' : `not done, ${cost.amount.toFixed(2)} ${cost.currency}`;
}

function shorten(text: string): string {
  return text.length > LONGEST_INPUT ? `${text.slice(0, LONGEST_INPUT - 1)}…` : text;
}
