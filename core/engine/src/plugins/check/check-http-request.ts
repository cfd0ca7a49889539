import type { Json } from '@tendril/plugin-api';
import type { HttpDefaults, HttpPaging, Manifest } from '@tendril/schemas';
import { nearestName } from '../../nearest-name.ts';
import { compilePermittedHosts } from '../broker/permitted-hosts.ts';
import { readAddress } from '../declarative/address-template.ts';
import type { AddressTemplate } from '../declarative/address-template.ts';
import type { ErrorRules } from '../declarative/compile-errors.ts';
import type { HttpRoot } from '../declarative/http-roots.ts';
import type { RequestSpec } from '../declarative/request-spec.ts';
import { toPointer } from '../pointer.ts';
import type { HttpExpressions, Report } from './http-expressions.ts';

/** What the parts of a request are checked with. */
export interface RequestCheck {
  readonly manifest: Manifest;
  readonly expressions: HttpExpressions;
  readonly report: Report;
  /** What is there before the request is made. */
  readonly before: readonly HttpRoot[];
  /** What is there when its answer has come. */
  readonly after: readonly HttpRoot[];
}

const BODIES = ['body', 'form', 'text', 'multipart'] as const;
const OWN_HEADERS = ['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', 'te', 'trailer', 'expect', 'keep-alive'];
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie'];
const HOST_ROOTS: readonly HttpRoot[] = ['connection', 'settings'];
const CODES = [
  'UPSTREAM_THROTTLED',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_REJECTED',
  'UPSTREAM_UNAUTHORIZED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'CONFLICT',
];

/** Checks a request: address, parameters, headers, body, errors. */
export function checkRequest(pointer: string, spec: RequestSpec, check: RequestCheck): void {
  const { manifest, expressions, report, before } = check;
  const { method, path, url, query, headers, errors } = spec;
  if (path === undefined && url === undefined) report(pointer, 'needs a `path`, or a `url`');
  if (path !== undefined && manifest.http?.baseUrl === undefined)
    report(`${pointer}/path`, "needs a `baseUrl` in the manifest's `http`; or write `url`");
  if (path !== undefined) checkPath(`${pointer}/path`, path, check);
  if (url !== undefined) checkAddress(`${pointer}/url`, url, check);
  expressions.value(`${pointer}/query`, query as Json | undefined, before);
  checkHeaders(`${pointer}/headers`, headers, check);
  const bodies = BODIES.filter((name) => spec[name] !== undefined);
  for (const name of bodies) expressions.value(`${pointer}/${name}`, spec[name] as Json, before);
  if (bodies.length > 1) report(pointer, `sends one body, not ${bodies.join(' and ')}`);
  if (method === 'GET' && bodies.length > 0) report(`${pointer}/${bodies[0] ?? ''}`, 'is not sent with GET');
  checkErrors(`${pointer}/errors`, errors, check);
}

function checkPath(pointer: string, path: string, { expressions, report, before }: RequestCheck): void {
  const address = readAddress(`https://a${path}`);
  for (const { message } of address.faults) report(pointer, message);
  if (address.faults.length === 0) expressions.text(pointer, path, before);
}

/** Checks an address with its host, which has to be among those that the manifest may reach. */
export function checkAddress(pointer: string, url: string, { manifest, expressions, report, before }: RequestCheck): void {
  const address = readAddress(url);
  for (const { message } of address.faults) report(pointer, message);
  if (address.faults.length > 0) return;
  const { base, authority, path } = address;
  for (const part of [base, ...authority])
    if (part !== undefined && 'expression' in part) expressions.bare(pointer, part.expression, HOST_ROOTS);
  for (const part of path) if ('expression' in part) expressions.bare(pointer, part.expression, before);
  checkHost(pointer, address, manifest, expressions, report);
}

function checkHost(
  pointer: string,
  { base, authority }: AddressTemplate,
  { permissions }: Manifest,
  expressions: HttpExpressions,
  report: Report,
): void {
  const hosts = permissions?.hosts ?? [];
  if (base !== undefined) {
    const fields = expressions.readings
      .filter((reading) => reading.pointer === pointer && reading.root === 'connection')
      .map(({ field }) => field);
    const declared = hosts.flatMap((host) => (typeof host === 'object' && 'connectionField' in host ? [host.connectionField] : []));
    for (const field of fields)
      if (field !== undefined && !declared.includes(field))
        report(
          pointer,
          `takes its host from \`connection.${field}\`, which permissions.hosts does not name`,
          `{ "connectionField": "${field}" }`,
        );
    return;
  }
  if (authority.some((part) => 'expression' in part)) return;
  const told = URL.parse(authority.map((part) => ('text' in part ? part.text : '')).join(''));
  if (told === null) {
    report(pointer, 'is no address');
    return;
  }
  const port = told.port === '' ? (told.protocol === 'https:' ? 443 : 80) : Number(told.port);
  if (compilePermittedHosts(hosts).find(told.hostname, port, { connection: undefined, input: undefined }) === undefined)
    report(
      pointer,
      `leads to ${told.host}, which is not among permissions.hosts`,
      nearestName(
        told.host,
        hosts.filter((host) => typeof host === 'string'),
      ),
    );
}

/** Checks headers: none that is the broker's, none that holds credentials. */
export function checkHeaders(
  pointer: string,
  headers: HttpDefaults['headers'],
  { manifest, expressions, report, before }: RequestCheck,
): void {
  const injected = Object.values(manifest.connections ?? {}).flatMap(({ inject }) =>
    Object.keys(inject?.headers ?? {}).map((name) => name.toLowerCase()),
  );
  for (const [name, value] of Object.entries(headers ?? {})) {
    const at = `${pointer}${toPointer(name)}`;
    const lower = name.toLowerCase();
    if (OWN_HEADERS.includes(lower)) report(at, 'is set by the hub itself');
    else if (CREDENTIALS.includes(lower) || injected.includes(lower))
      report(at, "holds credentials: put them in by the connection's `inject`");
    expressions.text(at, value, before);
  }
}

/** Checks the rules that make errors of answers. */
export function checkErrors(pointer: string, rules: ErrorRules | undefined, { manifest, expressions, report, after }: RequestCheck): void {
  const known = [...CODES, ...Object.keys(manifest.errors ?? {})];
  for (const [index, { when, code, details = {} }] of (rules ?? []).entries()) {
    const at = `${pointer}/${index}`;
    if (!known.includes(code)) report(`${at}/code`, `is neither among ${CODES.join(', ')} nor in \`errors\``, nearestName(code, known));
    expressions.condition(`${at}/when`, when, after);
    for (const [name, source] of Object.entries(details)) expressions.bare(`${at}/details${toPointer(name)}`, source, after);
  }
}

/** Checks how pages follow one another. @param at where `paging` stands; what it leaves out comes from the connector's */
export function checkPaging(at: string, paging: HttpPaging, spec: RequestSpec, { expressions, report, after }: RequestCheck): void {
  const { by, items, next, parameter, hasMore, in: place = 'query' } = paging;
  if (by === undefined) {
    report(at, 'needs `by`', 'cursor');
    return;
  }
  if (items === undefined) report(at, 'needs `items`');
  if ((by === 'cursor' || by === 'url') && next === undefined) report(at, `needs \`next\` to page by ${by}`);
  const root = by === 'cursor' ? 'cursor' : by === 'page' || by === 'offset' ? 'page' : undefined;
  if (root !== undefined && parameter === undefined && !expressions.readings.some((reading) => reading.root === root))
    report(at, `needs \`parameter\`, or a template that reads \`${root}\``);
  if (place === 'body' && parameter !== undefined && (spec.text !== undefined || spec.multipart !== undefined))
    report(`${at}/in`, 'puts the parameter into `body` or `form`, and there is neither');
  if (place === 'body' && parameter !== undefined && spec.method === 'GET') report(`${at}/in`, 'needs a method that has a body');
  expressions.list(`${at}/items`, items, after);
  if (next !== undefined) expressions.bare(`${at}/next`, next, after);
  expressions.condition(`${at}/hasMore`, hasMore, after);
}
