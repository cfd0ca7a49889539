import type { Part, Person } from '../part.ts';

/** What `profile` reads of a person, computed traits left out. */
export interface Stated {
  readonly traits: Readonly<Record<string, unknown>>;
  readonly groups: readonly string[];
  readonly consent: Readonly<Record<string, 'granted' | 'denied'>>;
  readonly isIdentified: boolean;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly scores: unknown;
}

/** What is in force of a person in the midst of a batch, with what the batch stated so far. */
export function statedOf({ parts }: Person): Stated {
  const traits = traitsOf(parts);
  return {
    traits,
    groups: parts.length === 1 ? (parts[0]?.groups ?? []) : [...new Set(parts.flatMap(({ groups }) => groups))],
    consent: consentOf(parts),
    isIdentified: parts.some((part) => part.isIdentified),
    firstSeenAt: new Date(Math.min(...parts.map(({ firstSeenAt }) => firstSeenAt))).toISOString(),
    lastSeenAt: new Date(Math.max(...parts.map(({ lastSeenAt }) => lastSeenAt))).toISOString(),
    scores: Object.hasOwn(traits, 'scores') ? traits['scores'] : {},
  };
}

interface Said {
  readonly value: unknown;
  readonly at: number;
  readonly source: string;
}

function traitsOf(parts: readonly Part[]): Readonly<Record<string, unknown>> {
  const latest = new Map<string, Said>();
  const state = (name: string, said: Said): void => {
    const known = latest.get(name);
    if (known === undefined || known.at < said.at || (known.at === said.at && known.source < said.source)) latest.set(name, said);
  };
  for (const part of parts) {
    for (const [name, run] of part.traits) state(name, run);
    for (const { name, ...said } of part.statements) state(name, { ...said, value: said.value });
  }
  return Object.fromEntries([...latest].map(([name, { value }]) => [name, value]));
}

/** Of each category the strictest of what the parts said last. */
function consentOf(parts: readonly Part[]): Readonly<Record<string, 'granted' | 'denied'>> {
  const inForce = new Map<string, 'granted' | 'denied'>();
  for (const { consent } of parts) {
    for (const [category, { isGranted }] of consent) {
      if (inForce.get(category) !== 'denied') inForce.set(category, isGranted ? 'granted' : 'denied');
    }
  }
  return Object.fromEntries(inForce);
}
