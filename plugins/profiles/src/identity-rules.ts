import type { Settings } from './gen/manifest.gen.ts';
import { kindOf } from './identity.ts';
import { loadPhoneParser } from './phone.ts';
import type { PhoneParser } from './phone.ts';

/** How one kind of identity is taken from events, and what it may do. */
export interface IdentityRule {
  readonly kind: string;
  /** `userId`, or a path: `traits`, `email`. */
  readonly path: readonly string[];
  /** 1 is the strongest. */
  readonly priority: number;
  readonly perPerson: number;
  /** Infinite for what is never shared. */
  readonly sharedAfter: number;
  /** Names a browser or device: several of them are no contradiction. */
  readonly isDevice: boolean;
}

/** By what people are known. */
export interface IdentityRules {
  /** Strongest first. */
  readonly rules: readonly IdentityRule[];
  readonly maxIdentities: number;
  readonly parsePhone: PhoneParser;
  /** The rule of an identity; `undefined` where the settings do not name its kind any more. */
  ruleOf(identity: string): IdentityRule | undefined;
}

type RuleSetting = NonNullable<Settings['identities']>[number];

const PER_PERSON = 50;

/** Reads the settings. Two rules of one kind share the first one's limits. */
export async function loadIdentityRules(settings: Settings): Promise<IdentityRules> {
  const rules = (settings.identities ?? usualRules(settings)).map(toRule).toSorted((left, right) => left.priority - right.priority);
  const byKind = new Map(rules.toReversed().map((rule) => [rule.kind, rule]));
  return {
    rules,
    maxIdentities: settings.maxIdentities ?? 200,
    parsePhone: await loadPhoneParser(settings.phoneCountry),
    ruleOf: (identity) => {
      const kind = kindOf(identity);
      return byKind.get(kind) ?? byKind.get(kind.slice(0, Math.max(kind.indexOf('.'), 0)));
    },
  };
}

function usualRules({ emailTrait = 'email' }: Settings): readonly RuleSetting[] {
  return [
    { kind: 'userId', from: 'userId', priority: 1 },
    { kind: 'external', from: 'context.externalIds', priority: 2, perPerson: 20 },
    ...(emailTrait === '' ? [] : [{ kind: 'email', from: `traits.${emailTrait}`, priority: 3, perPerson: 20, sharedAfter: 3 }]),
    { kind: 'phone', from: 'traits.phone', priority: 4, perPerson: 20, sharedAfter: 3 },
    { kind: 'anonymousId', from: 'anonymousId', priority: 5, perPerson: 200, sharedAfter: 5 },
    { kind: 'device', from: 'context.device.id', priority: 6, perPerson: 50, sharedAfter: 5 },
  ];
}

function toRule({ kind, from, priority, perPerson = PER_PERSON, sharedAfter = Infinity }: RuleSetting): IdentityRule {
  return {
    kind,
    path: from.split('.'),
    priority,
    perPerson,
    sharedAfter,
    isDevice: from === 'anonymousId' || from.startsWith('context.device'),
  };
}
