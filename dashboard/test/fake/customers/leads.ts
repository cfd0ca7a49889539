import type { LeadDetail, LeadOwner } from '../../../src/api/customers/leads.ts';
import type { Lead } from '../../../src/api/types.ts';
import type { World } from '../world.ts';
import { Refusal, pageOf } from './answer.ts';
import type { FakeActions } from './answer.ts';

const OWNERS: readonly LeadOwner[] = [
  { id: 'ana', name: 'Ana Prado', isAway: false, openLeads: 14, assignedToday: 3, hasRoom: true },
  { id: 'rui', name: 'Rui Melo', isAway: true, openLeads: 4, assignedToday: 0, hasRoom: false },
];

/** What is known of a lead beyond its score. */
type Kept = Pick<LeadDetail, 'owner' | 'stage' | 'isStageByHand' | 'history' | 'status'> & { snoozedUntil?: string };

/** Leads of a made-up tenant: ranked, given to people, qualified. */
export function makeLeads(world: World): FakeActions {
  const kept = new Map<string, Kept>();
  const detail = (lead: Lead): LeadDetail => {
    const own = kept.get(lead.id) ?? firstOf(lead);
    kept.set(lead.id, own);
    const { personId, createdAt, modelVersion, scoredAt, name, email, probability, reasons = [] } = lead;
    return {
      id: lead.id,
      person: personId,
      people: [personId],
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      probability: probability ?? null,
      reasons: reasons.map((reason, index) => ({ ...reason, part: index % 3 === 0 ? 'behaviour' : 'fit' })),
      modelVersion: Number(modelVersion ?? 0),
      source: 'Lead Created',
      capturedAt: createdAt,
      scoredAt: scoredAt ?? createdAt,
      fit: probability ?? null,
      behaviour: probability === null || probability === undefined ? null : 1 - probability,
      expectedValueCents: Math.round((probability ?? 0) * 250_000),
      currency: 'EUR',
      mergedLeads: [],
      ...own,
    };
  };
  const all = (): readonly LeadDetail[] =>
    world.people.map(({ lead }) => detail(lead)).toSorted((left, right) => (right.probability ?? 0) - (left.probability ?? 0));
  const find = (id: unknown): LeadDetail => {
    const lead = all().find((each) => each.id === id);
    if (lead === undefined) throw new Refusal(404, 'NOT_FOUND', 'There is no such thing.');
    return lead;
  };
  const change = (id: unknown, parts: Partial<Kept>): Kept => {
    const before = find(id);
    const after = { ...(kept.get(before.id) ?? firstOf({ id: before.id } as Lead)), ...parts };
    kept.set(before.id, after);
    return after;
  };
  return {
    'leads.queue': (input) => ({
      by: input['by'] ?? 'expected_value',
      ...pageOf(
        all()
          .filter(({ status, snoozedUntil }) => !['won', 'lost'].includes(status) && snoozedUntil === undefined)
          .filter(({ owner }) => input['owner'] === undefined || (input['owner'] === 'none' ? owner === null : owner === input['owner']))
          .filter(({ stage }) => input['stage'] === undefined || stage === input['stage'])
          .map((lead) => ({
            ...lead,
            nextStep: lead.owner === null ? 'Give it to somebody.' : 'Call them: they looked at an offer today.',
          })),
        input,
      ),
    }),
    'leads.list': (input) =>
      pageOf(
        all().filter(({ status }) => input['status'] === undefined || status === input['status']),
        input,
      ),
    'leads.get': ({ id }) => find(id),
    'leads.assign': ({ id, owner }) => ({
      id,
      ...change(id, { owner: typeof owner === 'string' ? owner : 'ana' }),
      previousOwner: null,
      isChanged: true,
    }),
    'leads.snooze': ({ id, until }) => {
      change(id, { snoozedUntil: String(until) });
      return { id, until };
    },
    'leads.set_status': ({ id, status }) => ({ id, status: change(id, { status: status as LeadDetail['status'] }).status }),
    'leads.set_stage': ({ id, stage, reason }) => {
      const before = find(id);
      const next = typeof stage === 'string' ? stage : null;
      change(id, {
        stage: next,
        isStageByHand: true,
        history: [...before.history, { at: Date.now(), stage: next, from: before.stage, by: 'person', reasons: [String(reason)] }],
      });
      return { id, stage: next, isStageByHand: true };
    },
    'leads.owners': () => ({ owners: world.total === 0 ? [] : OWNERS, unassigned: 52 }),
    'leads.stages': () => ({
      stages:
        world.total === 0
          ? []
          : [
              { name: 'mql', title: 'Marketing qualified', conditions: ['lead.probability >= 0.4'], leads: 21, problems: [] },
              {
                name: 'sql',
                title: 'Sales qualified',
                conditions: ['lead.fit >= 0.6', 'lead.behavior >= 0.6'],
                leads: 6,
                problems: ['There is no `lead.behavior`. Was `lead.behaviour` meant?'],
              },
            ],
    }),
    'leads.models': () => ({ items: world.total === 0 ? [] : [makeModel(3, true), makeModel(2, false)] }),
    'leads.train': () => makeModel(4, true),
    'leads.activate': ({ version }) => ({ version }),
  };
}

function firstOf({ id, status }: Lead): Kept {
  const number = Number(id.slice(-2));
  return {
    status: status as LeadDetail['status'],
    owner: number % 3 === 0 ? 'ana' : null,
    stage: number % 4 === 0 ? 'mql' : null,
    isStageByHand: false,
    history:
      number % 4 === 0
        ? [{ at: Date.now() - 7_200_000, stage: 'mql', from: null, by: 'rule', reasons: ['lead.probability >= 0.4'], probability: 0.44 }]
        : [],
  };
}

function makeModel(version: number, isActive: boolean): object {
  const metrics = {
    auc: 0.771,
    brier: 0.081,
    logLoss: 0.28,
    ece: 0.011,
    baseRate: 0.11,
    baseRateBrier: 0.098,
    heldOutRate: 0.12,
    heldOutExamples: 6_300,
  };
  return {
    version,
    isActive,
    examples: 31_583,
    positives: 3_474,
    metrics,
    features: ['job', 'age'],
    dataHash: 'f00d',
    createdAt: Date.now() - version * 3_600_000,
    splits: [{ split: 'held_out', examples: 6_300, auc: 0.771, brier: 0.081, logLoss: 0.28, ece: 0.011, liftAtTenth: 4.2 }],
  };
}
