import { splitTemplate } from '../../expressions/index.ts';
import type { ExpressionFault } from '../../expressions/index.ts';

/** A literal text or an expression of an address. */
export type AddressPart = { readonly text: string } | { readonly expression: string; readonly offset: number };

/** An address template, taken apart: who is asked, and for what. */
export interface AddressTemplate {
  /** An expression that gives the beginning of the address, scheme and host included, in place of `authority`. */
  readonly base: { readonly expression: string; readonly offset: number } | undefined;
  /** Scheme, host and port. */
  readonly authority: readonly AddressPart[];
  readonly path: readonly AddressPart[];
  readonly faults: readonly ExpressionFault[];
}

const SCHEME = /^https?:\/\//;
const AUTHORITY = /^[A-Za-z0-9.:[\]-]*$/;
// What `URL` leaves as it is in a path, so that what is asked for is what is written.
const PATH = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/;

/** Takes the template of an address apart and finds what is wrong with its literal parts. */
export function readAddress(template: string): AddressTemplate {
  const { parts, fault } = splitTemplate(template);
  const whole = { start: 0, end: template.length };
  if (fault !== undefined) return { base: undefined, authority: [], path: [], faults: [fault] };
  const [first, ...rest] = parts;
  const faults: ExpressionFault[] = [];
  const tell = (message: string): void => void faults.push({ message, ...whole });
  if (first !== undefined && 'expression' in first) {
    const [next] = rest;
    if (next !== undefined && !('text' in next && next.text.startsWith('/')))
      tell('What follows the expression at the beginning has to begin with `/`.');
    judgePath(rest, tell);
    return { base: first, authority: [], path: rest, faults };
  }
  if (first === undefined || !SCHEME.test(first.text)) {
    tell('An address begins with `https://`, or with an expression over `connection` or `settings` that gives such a beginning.');
    return { base: undefined, authority: [], path: [], faults };
  }
  const { authority, path } = splitAuthority(parts);
  for (const part of authority)
    if ('text' in part && !AUTHORITY.test(part.text.replace(SCHEME, ''))) tell('The host holds a character that no host has.');
  judgePath(path, tell);
  return { base: undefined, authority, path, faults };
}

function splitAuthority(parts: readonly AddressPart[]): {
  readonly authority: readonly AddressPart[];
  readonly path: readonly AddressPart[];
} {
  const authority: AddressPart[] = [];
  for (const [index, part] of parts.entries()) {
    const from = index === 0 ? 'https://'.length : 0;
    const slash = 'text' in part ? part.text.indexOf('/', from) : -1;
    if (slash === -1 || !('text' in part)) {
      authority.push(part);
      continue;
    }
    if (slash > 0) authority.push({ text: part.text.slice(0, slash) });
    return { authority, path: [{ text: part.text.slice(slash) }, ...parts.slice(index + 1)] };
  }
  return { authority, path: [] };
}

function judgePath(parts: readonly AddressPart[], tell: (message: string) => void): void {
  const segments = parts
    .map((part) => ('text' in part ? part.text : 'x'))
    .join('')
    .split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) tell('The path holds `.` or `..` as a part.');
  for (const part of parts) {
    if (!('text' in part)) continue;
    if (/[?#]/.test(part.text)) tell('A path holds no `?` and no `#`: parameters go under `query`.');
    else if (!PATH.test(part.text)) tell('The path holds a character that has to be percent-encoded.');
  }
}
