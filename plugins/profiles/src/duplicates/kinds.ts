import type { FieldKind } from './fields.ts';
import { jaroWinkler } from './jaro-winkler.ts';
import { isOneEdit } from './one-edit.ts';

/** How far two values agree. `missing` (one of them is) says nothing either way. */
export type Level = 'missing' | 'exact' | 'near' | 'similar' | 'partial' | 'swapped' | 'different';

/** All levels; a level's place in this list is its number in a pattern. */
export const LEVELS: readonly Level[] = ['missing', 'exact', 'near', 'similar', 'partial', 'swapped', 'different'];

/** What is believed of a level before any data: how often it is seen in one person (`m`) and in two (`u`). */
export interface Odds {
  readonly m: number;
  readonly u: number;
}

/** How values of one kind are compared. */
export interface Kind {
  /** Neither value is empty, and they differ. Gives the same answer both ways round. */
  compare(first: string, second: string): Level;
  /** Kinds with which values of this one are mixed up, such as given name and surname. */
  readonly swapsWith: readonly FieldKind[];
  /** Kinds that say much of this one: where the first of them that is there agrees, agreement here is no news. */
  readonly follows: readonly FieldKind[];
  readonly levels: Readonly<Partial<Record<Level, Odds>>>;
  /** `u` of `exact` where the followed field agrees. */
  readonly exactBeside?: number;
}

const NEAR = 0.92;
const SIMILAR = 0.85;
const NAME_LEVELS = {
  near: { m: 0.08, u: 0.004 },
  similar: { m: 0.03, u: 0.01 },
  partial: { m: 0.02, u: 0.01 },
  swapped: { m: 0.01, u: 0.0005 },
} as const;
const TEXT_LEVELS = { near: { m: 0.1, u: 0.001 }, similar: { m: 0.03, u: 0.005 }, partial: { m: 0.03, u: 0.005 } } as const;

/** Every kind of field, with odds of the usual size for people of one country. */
export const KINDS: Readonly<Record<FieldKind, Kind>> = {
  givenName: {
    compare: compareNames,
    swapsWith: ['surname'],
    follows: [],
    levels: { exact: { m: 0.8, u: 0.008 }, ...NAME_LEVELS, different: { m: 0.06, u: 0.9675 } },
  },
  surname: {
    compare: compareNames,
    swapsWith: ['givenName'],
    follows: [],
    levels: { exact: { m: 0.8, u: 0.003 }, ...NAME_LEVELS, different: { m: 0.06, u: 0.9725 } },
  },
  fullName: {
    compare: compareWords,
    swapsWith: [],
    follows: [],
    levels: { exact: { m: 0.75, u: 0.0001 }, ...TEXT_LEVELS, different: { m: 0.09, u: 0.9889 } },
  },
  email: {
    compare: compareEmails,
    swapsWith: [],
    follows: [],
    levels: {
      exact: { m: 0.6, u: 0.00002 },
      near: { m: 0.04, u: 0.00002 },
      partial: { m: 0.06, u: 0.0005 },
      different: { m: 0.3, u: 0.99946 },
    },
  },
  phone: {
    compare: (first, second) => (isOneEdit(first, second) ? 'near' : 'different'),
    swapsWith: ['phone'],
    follows: [],
    levels: {
      exact: { m: 0.6, u: 0.0001 },
      near: { m: 0.05, u: 0.0001 },
      swapped: { m: 0.02, u: 0.0001 },
      different: { m: 0.33, u: 0.9997 },
    },
  },
  birthDate: {
    compare: compareDates,
    swapsWith: [],
    follows: [],
    levels: {
      exact: { m: 0.88, u: 0.00008 },
      near: { m: 0.07, u: 0.002 },
      partial: { m: 0.02, u: 0.01 },
      different: { m: 0.03, u: 0.98792 },
    },
  },
  company: {
    compare: compareWords,
    swapsWith: [],
    follows: [],
    levels: { exact: { m: 0.7, u: 0.003 }, ...TEXT_LEVELS, different: { m: 0.14, u: 0.986 } },
  },
  address: {
    compare: compareWords,
    swapsWith: ['address'],
    follows: ['postcode', 'locality'],
    levels: { exact: { m: 0.65, u: 0.001 }, ...TEXT_LEVELS, swapped: { m: 0.02, u: 0.0005 }, different: { m: 0.17, u: 0.9875 } },
    exactBeside: 0.02,
  },
  streetNumber: {
    compare: (first, second) => (isOneEdit(first, second) ? 'near' : 'different'),
    swapsWith: [],
    follows: ['address'],
    levels: { exact: { m: 0.82, u: 0.01 }, near: { m: 0.08, u: 0.15 }, different: { m: 0.1, u: 0.84 } },
    exactBeside: 0.05,
  },
  locality: {
    compare: compareWords,
    swapsWith: [],
    follows: ['postcode'],
    levels: { exact: { m: 0.8, u: 0.003 }, ...TEXT_LEVELS, different: { m: 0.04, u: 0.986 } },
    exactBeside: 0.6,
  },
  postcode: {
    compare: (first, second) => (isOneEdit(first, second) ? 'near' : 'different'),
    swapsWith: [],
    follows: [],
    levels: { exact: { m: 0.82, u: 0.002 }, near: { m: 0.1, u: 0.01 }, different: { m: 0.08, u: 0.988 } },
  },
  region: {
    compare: compareWords,
    swapsWith: [],
    follows: ['postcode', 'locality'],
    levels: { exact: { m: 0.92, u: 0.2 }, ...TEXT_LEVELS, different: { m: 0.04, u: 0.789 } },
    exactBeside: 0.97,
  },
  country: {
    compare: compareWords,
    swapsWith: [],
    follows: ['region', 'postcode', 'locality'],
    levels: { exact: { m: 0.96, u: 0.6 }, ...TEXT_LEVELS, different: { m: 0.02, u: 0.389 } },
    exactBeside: 0.99,
  },
};

/** Whether two values of one kind could be the same, written by a tired hand. */
export function isClose(first: string, second: string): boolean {
  return first === second || jaroWinkler(squeezed(first), squeezed(second)) >= NEAR;
}

function compareNames(first: string, second: string): Level {
  if ((first.length === 1 || second.length === 1) && first.charAt(0) === second.charAt(0)) return 'partial';
  const level = compareSqueezed(first, second);
  return level === 'different' && hasAllWordsOf(first, second) ? 'partial' : level;
}

function compareWords(first: string, second: string): Level {
  const level = compareSqueezed(first, second);
  if (level !== 'different') return level;
  if (isSameWords(first, second)) return 'near';
  return hasAllWordsOf(first, second) ? 'partial' : 'different';
}

function compareSqueezed(first: string, second: string): Level {
  const [left, right] = [squeezed(first), squeezed(second)];
  if (left === right || (Math.min(left.length, right.length) > 2 && isOneEdit(left, right))) return 'near';
  const likeness = jaroWinkler(left, right);
  if (likeness >= NEAR) return 'near';
  return likeness >= SIMILAR ? 'similar' : 'different';
}

function compareEmails(first: string, second: string): Level {
  if (isOneEdit(first, second)) return 'near';
  return localPartOf(first) === localPartOf(second) ? 'partial' : 'different';
}

function compareDates(first: string, second: string): Level {
  if (isOneEdit(first, second)) return 'near';
  const [left, right] = [partsOf(first), partsOf(second)];
  const isDayMonthSwap = left.year === right.year && left.month === right.day && left.day === right.month;
  if (isDayMonthSwap) return 'near';
  const same = Number(left.year === right.year) + Number(left.month === right.month) + Number(left.day === right.day);
  return same === 2 ? 'partial' : 'different';
}

function partsOf(date: string): { readonly year: string; readonly month: string; readonly day: string } {
  return { year: date.slice(0, 4), month: date.slice(4, 6), day: date.slice(6) };
}

/** What stands before the `@`, without what stands behind a plus. */
export function localPartOf(email: string): string {
  return (email.split('@')[0] ?? '').replace(/\+.*$/, '');
}

function squeezed(text: string): string {
  return text.includes(' ') ? text.replaceAll(' ', '') : text;
}

function hasAllWordsOf(first: string, second: string): boolean {
  if (!first.includes(' ') && !second.includes(' ')) return false;
  const [fewer = [], more = []] = [first.split(' '), second.split(' ')].sort((left, right) => left.length - right.length);
  return fewer.every((word) => word.length > 1 && more.includes(word));
}

function isSameWords(first: string, second: string): boolean {
  return first.includes(' ') && sortedWords(first) === sortedWords(second);
}

function sortedWords(text: string): string {
  return text.split(' ').sort().join(' ');
}
