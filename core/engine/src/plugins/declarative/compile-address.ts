import { TendrilError } from '@tendril/plugin-api';
import type { Json } from '@tendril/plugin-api';
import { readAddress } from './address-template.ts';
import type { AddressPart } from './address-template.ts';
import { compileBare } from './compile-values.ts';
import type { Compute } from './compile-values.ts';
import type { HttpScope } from './http-roots.ts';

/** Where a request goes, without its query. */
export interface Address {
  readonly origin: string;
  readonly href: string;
}

const HOST_PIECE = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Compiles the template of an address. Values of expressions in the path become one percent-encoded part each; the host is
 * decided by the template and the connection alone.
 *
 * @throws TendrilError from what it gives: ACTION_INPUT_INVALID for a value that would lead elsewhere, CONNECTION_INVALID
 */
export function compileAddress(template: string): (scope: HttpScope) => Address {
  const { base, authority, path } = readAddress(template);
  const start = base === undefined ? compileAuthority(authority) : compileBase(base.expression);
  const segments = path.map((part) => compilePart(part, segmentOf));
  return (scope) => {
    const { origin, pathname } = start(scope);
    const wanted = pathname + segments.map((segment) => segment(scope)).join('');
    return checked(origin, wanted);
  };
}

type Start = (scope: HttpScope) => { readonly origin: string; readonly pathname: string };

function compileAuthority(parts: readonly AddressPart[]): Start {
  const pieces = parts.map((part) => compilePart(part, hostPieceOf));
  return (scope) => {
    const url = URL.parse(pieces.map((piece) => piece(scope)).join(''));
    if (url === null || url.pathname !== '/') throw new TendrilError('CONNECTION_INVALID', { reason: 'the address that it gives is none' });
    return { origin: url.origin, pathname: '' };
  };
}

function compileBase(expression: string): Start {
  const compute = compileBare(expression);
  return (scope) => {
    const value = compute(scope);
    const url = typeof value === 'string' ? URL.parse(value) : null;
    const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
    if (url === null || !isWeb || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
      throw new TendrilError('CONNECTION_INVALID', { expression, reason: 'gives no address such as https://example.com/path' });
    return { origin: url.origin, pathname: url.pathname.replace(/\/+$/, '') };
  };
}

function compilePart(part: AddressPart, write: (value: Json | undefined, expression: string) => string): (scope: HttpScope) => string {
  if ('text' in part) return () => part.text;
  const compute: Compute = compileBare(part.expression);
  return (scope) => write(compute(scope), part.expression);
}

function hostPieceOf(value: Json | undefined, expression: string): string {
  if (typeof value === 'string' && HOST_PIECE.test(value)) return value;
  throw new TendrilError('CONNECTION_INVALID', { expression, reason: 'is no part of a host name' });
}

/** One part of the path. One that is empty would ask for something else: for the list in place of its item. */
function segmentOf(value: Json | undefined, expression: string): string {
  const refuse = (reason: string): never => {
    throw new TendrilError('ACTION_INPUT_INVALID', { part: '/http/path', expression, reason });
  };
  if (value === undefined || value === null || value === '') return refuse('is empty, and is a part of the path');
  if (typeof value === 'object') return refuse('is a list or an object, and cannot be a part of the path');
  const text = String(value);
  if (CONTROL.test(text) || !text.isWellFormed())
    return refuse('holds control characters or broken ones, and cannot be a part of the path');
  // Encoded, too: there are services that decode a part before they look where it leads.
  if (text.split(/[/\\]|%2f|%5c/i).some((piece) => /^(?:\.|%2e){1,2}$/i.test(piece))) return refuse('leads to another path');
  return encodeURIComponent(text);
}

/** Whatever was put together has to be read by `URL` as it is written. */
function checked(origin: string, pathname: string): Address {
  const href = `${origin}${pathname}`;
  const url = URL.parse(href);
  if (url === null || url.origin !== origin || url.pathname !== (pathname === '' ? '/' : pathname) || url.search !== '' || url.hash !== '')
    throw new TendrilError('ACTION_INPUT_INVALID', { part: '/http/path', reason: 'what is put into the path leads to another one' });
  return { origin, href: url.href };
}

/**
 * The address of a further page, as a service told it.
 *
 * @throws TendrilError UPSTREAM_REJECTED when it leads to another host: credentials and the manifest are about this one
 */
export function nextAddress(told: string, current: string, origin: string): string {
  const url = URL.parse(told, current);
  if (url?.origin === origin && url.username === '' && url.password === '') return url.href;
  throw new TendrilError('UPSTREAM_REJECTED', { reason: 'the address of the next page is on another host' });
}
