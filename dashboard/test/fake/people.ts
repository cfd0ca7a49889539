import type { FormerValue, Profile } from '../../src/api/customers/people.ts';
import type { JsonObject, Lead, ScoreReason } from '../../src/api/types.ts';
import type { Random } from './random.ts';

const FIRST = [
  'Ines',
  'Tomás',
  'Beatriz',
  'Rui',
  'Marta',
  'João',
  'Clara',
  'Duarte',
  'Sofia',
  'Nuno',
  'Helena',
  'Vasco',
  'Lídia',
  'Amílcar',
] as const;
const LAST = [
  'Almeida',
  'Carvalho',
  'Figueira',
  'Pires',
  'Queirós',
  'Sampaio',
  'Teixeira',
  'Vilhena',
  'Brandão',
  'Esteves',
  'Lacerda',
] as const;
const JOBS = ['admin.', 'technician', 'management', 'retired', 'student', 'services', 'blue-collar', 'self-employed'] as const;
const SCHOOLING = ['university degree', 'high school', 'professional course', 'basic, 9 years'] as const;

/** A generated person with the lead made of them. */
export interface FakePerson {
  readonly person: Profile & { readonly history: Readonly<Record<string, readonly FormerValue[]>> };
  readonly lead: Lead;
}

/** Makes the person number `index`, first seen a while before `now`. */
export function makePerson(random: Random, index: number, now: number): FakePerson {
  const firstName = random.pick(FIRST);
  const lastName = random.pick(LAST);
  const id = `prs_${String(index).padStart(5, '0')}`;
  const email = `${plain(firstName)}.${plain(lastName)}${String(index)}@example.invalid`;
  const firstSeenAt = now - random.whole(60_000, 36 * 3_600_000);
  const traits: JsonObject = {
    firstName,
    lastName,
    email,
    age: random.whole(21, 71),
    job: random.pick(JOBS),
    education: random.pick(SCHOOLING),
    marital: random.pick(['married', 'single', 'divorced']),
    housing: random.next() > 0.45,
    loan: random.next() > 0.8,
    contact: random.pick(['cellular', 'telephone']),
    address: { city: random.pick(['Porto', 'Lisboa', 'Braga', 'Évora', 'Faro']), country: 'PT' },
  };
  const reasons = makeReasons(random, traits);
  const score = reasons.reduce((sum, reason) => sum + reason.contribution, -1.2 + random.next());
  return {
    person: {
      id,
      traits,
      identities: [`userId:bank-${String(index)}`, `email:${email}`, `anonymousId:a-${String(random.whole(100_000, 999_999))}`],
      groups: random.next() > 0.7 ? ['company-7'] : [],
      isIdentified: true,
      firstSeenAt,
      lastSeenAt: now - random.whole(1_000, 3_000_000),
      segments: random.next() > 0.5 ? ['engaged'] : [],
      consent: { marketing: random.next() > 0.3 ? 'granted' : 'denied' },
      aliases: [id],
      history: {
        job: [
          { value: random.pick(JOBS), since: firstSeenAt, until: firstSeenAt, source: `msg-${String(index)}` },
          { value: traits['job'] ?? null, since: firstSeenAt + 40_000, until: firstSeenAt + 50_000, source: `msg-${String(index + 30)}` },
        ],
        housing: [{ value: traits['housing'] ?? null, since: firstSeenAt, until: firstSeenAt, source: `msg-${String(index)}` }],
      },
    },
    lead: {
      id: `led_${String(index).padStart(5, '0')}`,
      personId: id,
      name: `${firstName} ${lastName}`,
      email,
      status: random.pick(['new', 'scored', 'contacted', 'qualified', 'won', 'lost']),
      probability: 1 / (1 + Math.exp(-score)),
      reasons,
      modelVersion: 3,
      scoredAt: now - random.whole(2_000, 900_000),
      createdAt: firstSeenAt,
    },
  };
}

function makeReasons(random: Random, traits: JsonObject): readonly ScoreReason[] {
  return [
    { feature: 'poutcome', text: 'Bought in an earlier campaign', contribution: random.next() > 0.7 ? 1.62 : -0.18 },
    { feature: 'euribor3m', text: 'Three-month Euribor is low (0.9 %)', contribution: 0.2 + random.next() * 0.8 },
    { feature: 'contact', text: `Reached by ${String(traits['contact'])}`, contribution: traits['contact'] === 'cellular' ? 0.41 : -0.57 },
    { feature: 'job', text: `Works as ${String(traits['job'])}`, contribution: (random.next() - 0.5) * 0.9 },
    { feature: 'campaign', text: `Contacted ${String(random.whole(2, 7))} times in this campaign`, contribution: -random.next() * 0.7 },
    { feature: 'month', text: 'The month is May', contribution: -0.62 },
    { feature: 'age', text: `Age ${String(traits['age'])}`, contribution: (random.next() - 0.4) * 0.5 },
  ].toSorted((left, right) => Math.abs(right.contribution) - Math.abs(left.contribution));
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase();
}
