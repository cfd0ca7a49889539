import { CATALOGUE } from '@tendril/plugin-api';
import type { TendrilError } from '@tendril/plugin-api';

const NOT_TOLD: ReadonlySet<string> = new Set(['plugin', 'handler', 'problems']);

/** An error in a line, with what it says of itself. */
export function describeError({ code, details }: TendrilError): string {
  const told = Object.entries(details).filter(([name]) => !NOT_TOLD.has(name));
  const problems = Array.isArray(details['problems']) ? (details['problems'] as readonly { pointer?: string; message?: string }[]) : [];
  const parts = [
    ...problems.map(({ pointer = '', message = '' }) => `${pointer === '' ? 'the whole' : pointer} ${message}`),
    ...told.map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`),
  ];
  return parts.length === 0 ? code : `${code} (${parts.join('; ')})`;
}

/** What a caller is told to do about it. */
export function remedyOf({ code }: TendrilError): string {
  return CATALOGUE[code].remedy;
}
