/** How a trait is compared. */
export const COMPARISONS = [
  { is: '==', text: 'is' },
  { is: '!=', text: 'is not' },
  { is: '>', text: 'is more than' },
  { is: '>=', text: 'is at least' },
  { is: '<', text: 'is less than' },
  { is: '<=', text: 'is at most' },
  { is: 'contains', text: 'contains' },
  { is: 'has', text: 'is known' },
  { is: '!has', text: 'is not known' },
] as const;

/** One of `COMPARISONS`. */
export type Comparison = (typeof COMPARISONS)[number]['is'];

/** A rule of a condition, as somebody chooses it from lists. */
export type Rule =
  | { readonly kind: 'did'; readonly event: string; readonly times: number; readonly days: number; readonly isNot: boolean }
  | { readonly kind: 'trait'; readonly trait: string; readonly is: Comparison; readonly value: string }
  | { readonly kind: 'segment'; readonly segment: string; readonly isNot: boolean }
  | { readonly kind: 'consent'; readonly category: string; readonly isNot: boolean }
  | { readonly kind: 'since'; readonly event: string; readonly is: '>=' | '<='; readonly days: number };

/** Rules of which all have to hold, or one. */
export interface Rules {
  readonly joinedBy: '&&' | '||';
  readonly rules: readonly Rule[];
}

const GRANTED = '"granted"';
const DENIED = '"denied"';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const PATH = String.raw`profile\.(traits|consent)(?:\.([A-Za-z_][A-Za-z0-9_]*)|\[(${TEXT})\])`;

/** Writes rules as CEL. */
export function writeRules({ joinedBy, rules }: Rules): string {
  return rules.map(writeRule).join(` ${joinedBy} `);
}

/** Reads what `writeRules` wrote; nothing where a condition says more than rules can. */
export function readRules(condition: string): Rules | undefined {
  const parts = split(condition.trim());
  if (parts === undefined) return undefined;
  const rules = parts.texts.map(readRule);
  return rules.every((rule) => rule !== undefined) ? { joinedBy: parts.joinedBy, rules } : undefined;
}

/** What is missing in a rule; nothing when it is whole. */
export function findRuleFault(rule: Rule): string | undefined {
  switch (rule.kind) {
    case 'did':
    case 'since':
      if (rule.event.trim() === '') return 'Choose an event.';
      if (!Number.isInteger(rule.days) || rule.days < 0 || rule.days > 3_650) return 'Days are a whole number up to 3,650.';
      return rule.kind === 'did' && (!Number.isInteger(rule.times) || rule.times < 1) ? 'Times are a whole number from 1.' : undefined;
    case 'trait':
      if (rule.trait.trim() === '') return 'Choose a trait.';
      return rule.value === '' && !['has', '!has'].includes(rule.is) ? 'Say what it is compared with.' : undefined;
    case 'segment':
      return rule.segment === '' ? 'Choose a segment.' : undefined;
    case 'consent':
      return rule.category.trim() === '' ? 'Say what they agreed to.' : undefined;
  }
}

function writeRule(rule: Rule): string {
  switch (rule.kind) {
    case 'did': {
      const window = rule.days === 0 ? '' : `, "${String(rule.days)}d"`;
      const times = rule.times === 1 && window === '' ? '' : `, ${String(rule.times)}`;
      return `${rule.isNot ? '!' : ''}did(${quote(rule.event)}${times}${window})`;
    }
    case 'since':
      return `days_since(${quote(rule.event)}) ${rule.is} ${String(rule.days)}`;
    case 'segment':
      return `${rule.isNot ? '!' : ''}in_segment(${quote(rule.segment)})`;
    case 'consent': {
      const path = pathOf('consent', rule.category);
      return `${path} == ${rule.isNot ? DENIED : GRANTED}`;
    }
    case 'trait': {
      const path = pathOf('traits', rule.trait);
      if (rule.is === 'has') return `has(${path})`;
      if (rule.is === '!has') return `!has(${path})`;
      if (rule.is === 'contains') return `${path}.contains(${quote(rule.value)})`;
      return `${path} ${rule.is} ${writeValue(rule.value)}`;
    }
  }
}

function readRule(text: string): Rule | undefined {
  const did = match(text, String.raw`(!?)did\((${TEXT})(?:, (\d+))?(?:, "(\d+)d")?\)`);
  if (did !== undefined)
    return { kind: 'did', event: unquote(did[1]), times: Number(did[2] ?? 1), days: Number(did[3] ?? 0), isNot: did[0] === '!' };
  const since = match(text, String.raw`days_since\((${TEXT})\) (>=|<=) (\d+)`);
  if (since !== undefined) return { kind: 'since', event: unquote(since[0]), is: since[1] === '>=' ? '>=' : '<=', days: Number(since[2]) };
  const segment = match(text, String.raw`(!?)in_segment\((${TEXT})\)`);
  if (segment !== undefined) return { kind: 'segment', segment: unquote(segment[1]), isNot: segment[0] === '!' };
  const has = match(text, String.raw`(!?)has\(${PATH}\)`);
  if (has?.[1] === 'traits') return { kind: 'trait', trait: has[2] ?? unquote(has[3]), is: has[0] === '!' ? '!has' : 'has', value: '' };
  const contains = match(text, String.raw`${PATH}\.contains\((${TEXT})\)`);
  if (contains?.[0] === 'traits')
    return { kind: 'trait', trait: contains[1] ?? unquote(contains[2]), is: 'contains', value: unquote(contains[3]) };
  return readComparison(text);
}

function readComparison(text: string): Rule | undefined {
  const found = match(text, String.raw`${PATH} (==|!=|>=|<=|>|<) (${TEXT}|true|false|-?\d+(?:\.\d+)?)`);
  if (found === undefined) return undefined;
  const [room, plain, quoted, is, value = ''] = found;
  const name = plain ?? unquote(quoted);
  if (room === 'consent')
    return is === '==' && (value === GRANTED || value === DENIED)
      ? { kind: 'consent', category: name, isNot: value === DENIED }
      : undefined;
  const comparison = COMPARISONS.find((each) => each.is === is)?.is;
  return comparison === undefined ? undefined : { kind: 'trait', trait: name, is: comparison, value: readValue(value) };
}

/** A number or a yes is written as one; what is between quotes stays a text. */
function writeValue(value: string): string {
  return /^(true|false|-?\d{1,15}(\.\d{1,15})?)$/.test(value) ? value : quote(/^".*"$/s.test(value) ? value.slice(1, -1) : value);
}

/** The other way round: a text that looks like a number keeps its quotes. */
function readValue(value: string): string {
  if (!value.startsWith('"')) return value;
  const text = unquote(value);
  return /^(true|false|-?\d{1,15}(\.\d{1,15})?)$/.test(text) || /^".*"$/s.test(text) ? `"${text}"` : text;
}

function pathOf(room: 'traits' | 'consent', name: string): string {
  return NAME.test(name) ? `profile.${room}.${name}` : `profile.${room}[${quote(name)}]`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function unquote(quoted: string | undefined): string {
  try {
    return quoted === undefined ? '' : String(JSON.parse(quoted));
  } catch {
    return '';
  }
}

function match(text: string, pattern: string): readonly (string | undefined)[] | undefined {
  return new RegExp(`^${pattern}$`, 's').exec(text)?.slice(1);
}

/** Cuts a condition at `&&` or at `||` outside of quotes; nothing when it has both, or brackets around parts. */
function split(condition: string): { readonly joinedBy: '&&' | '||'; readonly texts: readonly string[] } | undefined {
  const texts: string[] = [];
  const joints = new Set<string>();
  let start = 0;
  for (let at = 0; at < condition.length; at += 1) {
    const character = condition[at];
    if (character === '"') {
      for (at += 1; at < condition.length && condition[at] !== '"'; at += 1) if (condition[at] === '\\') at += 1;
      continue;
    }
    const two = condition.slice(at, at + 2);
    if (two !== '&&' && two !== '||') continue;
    joints.add(two);
    texts.push(condition.slice(start, at).trim());
    start = at + 2;
    at += 1;
  }
  texts.push(condition.slice(start).trim());
  if (joints.size > 1) return undefined;
  return { joinedBy: joints.has('||') ? '||' : '&&', texts };
}
