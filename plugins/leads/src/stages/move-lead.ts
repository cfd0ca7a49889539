import type { Call, EmittedEvent, Identities } from '@tendril/plugin-api';
import type { LeadBook } from '../book/lead-book.ts';
import type { LeadsRow, Settings } from '../gen/manifest.gen.ts';

/** A change of stage. */
export interface Move {
  readonly stage: string | undefined;
  readonly by: 'rule' | 'person';
  readonly reasons: readonly string[];
  readonly at: number;
  /** Message id of the event after which it was found. */
  readonly event?: string | undefined;
  /** Whether it went up. */
  readonly isRise: boolean;
}

const MOST_HISTORY = 50;

/** Moves a lead to a stage, or out of all, notes it in its history and says so with an event. */
export function moveLead(book: LeadBook, lead: LeadsRow, move: Move, identities: Identities | undefined, call: Call<Settings>): void {
  const { stage, by, reasons, at, event, isRise } = move;
  const from = lead.stage ?? null;
  const entry = {
    at,
    stage: stage ?? null,
    from,
    by,
    reasons: [...reasons],
    ...(lead.probability === undefined ? {} : { probability: lead.probability }),
    ...(event === undefined ? {} : { event }),
  };
  // Its own: the histories of leads that are one are shown together.
  const history = [...(book.ownOf(lead.id)?.history ?? []), entry].slice(-MOST_HISTORY);
  const change = { history, stageAt: at, isStageByHand: by === 'person' };
  if (stage === undefined) book.state(lead.id, 'stage', change, ['stage']);
  else book.state(lead.id, 'stage', { ...change, stage });
  if (from === (stage ?? null)) return;
  call.changes.emit(toEvent(lead, { stage, from, by, reasons, isRise }, identities));
}

function toEvent(
  lead: LeadsRow,
  { stage, from, by, reasons, isRise }: Pick<Move, 'stage' | 'by' | 'reasons' | 'isRise'> & { readonly from: string | null },
  identities: Identities | undefined,
): EmittedEvent {
  const facts = {
    lead: lead.id,
    person: lead.person,
    probability: lead.probability ?? null,
    expectedValueCents: lead.expectedValueCents ?? null,
    reasons: [...reasons, ...(lead.reasons ?? []).map(({ text }) => text)],
    by,
    owner: lead.owner ?? null,
  };
  const isEntered = isRise && stage !== undefined;
  return {
    name: isEntered ? 'tendril.leads.qualified' : 'tendril.leads.disqualified',
    discriminator: `${lead.id}/${by}`,
    ...(identities === undefined ? {} : { identities }),
    properties: isEntered ? { ...facts, stage, from } : { ...facts, stage: from ?? '', to: stage ?? null },
  };
}
