import { dayOf } from '../behaviour/day-buckets.ts';
import type { LeadsRow, ProspectsRow } from '../gen/manifest.gen.ts';

/** What `people.get_many@1` gives of a person. */
export interface Profile {
  readonly id: string;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly identities: readonly string[];
  readonly segments?: readonly string[];
}

/** What conditions read. */
export interface Roots {
  readonly lead: Readonly<Record<string, unknown>>;
  readonly profile: Readonly<Record<string, unknown>>;
  readonly score: Readonly<Record<string, unknown>>;
}

/** Names of the roots, as expressions are compiled. */
export const ROOTS = ['lead', 'profile', 'score'] as const;

/** What there is of the roots that are this plugin's own: anything else is a slip of the hand. */
export const MEMBERS = {
  lead: [
    'id',
    'person',
    'status',
    'source',
    'name',
    'email',
    'phone',
    'stage',
    'owner',
    'probability',
    'fit',
    'behaviour',
    'expectedValueCents',
    'country',
    'emailQuality',
    'daysSinceCaptured',
    'daysSinceActivity',
  ],
  score: ['probability', 'fit', 'behaviour', 'expectedValueCents', 'modelVersion', 'isCalibrated'],
} as const;

/** All of them, so that none is given that conditions may not read, nor the other way round. */
type Members<Root extends keyof typeof MEMBERS> = Record<(typeof MEMBERS)[Root][number], unknown>;

/** Roots of a lead. What is not known is missing, and a condition that reads it does not hold. */
export function rootsOf(lead: LeadsRow, people: readonly ProspectsRow[], profile: Profile | undefined, moment: number): Roots {
  const { id, person, status, source, name, email, phone, stage, owner, probability, fit, behaviour, expectedValueCents, modelVersion } =
    lead;
  const traits = Object.assign({}, ...people.map(({ values }) => values)) as Readonly<Record<string, unknown>>;
  const facts: Members<'lead'> = {
    id,
    person,
    status,
    source,
    name,
    email,
    phone,
    stage,
    owner,
    probability,
    fit,
    behaviour,
    expectedValueCents,
    country: traits['traits.country'],
    emailQuality: traits['traits.emailQuality'],
    daysSinceCaptured: Math.max(0, dayOf(moment) - dayOf(lead.capturedAt)),
    daysSinceActivity: lead.activityAt === undefined ? undefined : Math.max(0, dayOf(moment) - dayOf(lead.activityAt)),
  };
  const score: Members<'score'> = {
    probability,
    fit,
    behaviour,
    expectedValueCents,
    modelVersion,
    isCalibrated: modelVersion === undefined ? undefined : modelVersion > 0,
  };
  return {
    lead: known(facts),
    profile: profile === undefined ? {} : { ...profile, segments: profile.segments ?? [] },
    score: known(score),
  };
}

function known(facts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
