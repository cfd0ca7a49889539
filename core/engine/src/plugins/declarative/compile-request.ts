import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { HttpDefaults } from '@tendril/schemas';
import { compileAddress, nextAddress } from './compile-address.ts';
import { compileBody } from './compile-body.ts';
import { compileMembers } from './compile-values.ts';
import { forRequest } from './evaluation-failure.ts';
import type { HttpScope } from './http-roots.ts';
import { addressTemplate } from './request-spec.ts';
import type { RequestSpec } from './request-spec.ts';
import { writeParameters } from './write-query.ts';

/** What paging changes in a request. */
export interface PageChange {
  readonly query?: JsonObject;
  readonly body?: JsonObject;
  /** In place of the address and its query, as the service told it. */
  readonly address?: string;
}

/** A request as `fetch` takes it. */
export interface PreparedRequest {
  readonly url: string;
  readonly init: RequestInit;
}

/** Makes a request. @throws TendrilError ACTION_INPUT_INVALID, CONNECTION_INVALID, EXPRESSION_FAILED */
export type Prepare = (scope: HttpScope, change: PageChange) => PreparedRequest;

const NOTHING: JsonObject = {};

/**
 * Compiles a request; to be done once.
 *
 * @param added headers of the action's own, such as the one that takes its key
 */
export function compileRequest(spec: RequestSpec, defaults: HttpDefaults, added: Readonly<Record<string, string>> = {}): Prepare {
  const { method, responseType = 'json' } = spec;
  const address = compileAddress(addressTemplate(spec, defaults.baseUrl));
  const query = compileMembers({ ...defaults.query, ...spec.query } as JsonObject);
  const headers = compileMembers({ ...lowerCase(defaults.headers), ...lowerCase(spec.headers), ...lowerCase(added) });
  const body = compileBody(spec);
  return (scope, change) => {
    const { origin, href } = forRequest('/http/path', () => address(scope));
    const parameters = new URLSearchParams();
    writeParameters(parameters, { ...forRequest('/http/query', () => query(scope)), ...change.query });
    const search = parameters.toString();
    const written = body(scope, change.body ?? NOTHING);
    const own = writeHeaders(forRequest('/http/headers', () => headers(scope)) ?? NOTHING);
    return {
      url: change.address === undefined ? (search === '' ? href : `${href}?${search}`) : nextAddress(change.address, href, origin),
      init: {
        method,
        headers: {
          accept: responseType === 'json' ? 'application/json' : '*/*',
          ...(written?.contentType !== undefined && { 'content-type': written.contentType }),
          ...own,
        },
        ...(written !== undefined && { body: written.content }),
      },
    };
  };
}

function lowerCase(headers: object | undefined): Record<string, Json> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]: [string, Json]) => [name.toLowerCase(), value]));
}

// Visible characters, spaces and tabs of Latin-1: RFC 9110, section 5.5.
const FIELD_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

function writeHeaders(values: JsonObject): Record<string, string> {
  const written: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === '') continue;
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (!FIELD_VALUE.test(text))
      throw new TendrilError('ACTION_INPUT_INVALID', { part: `/http/headers/${name}`, reason: 'holds characters that no header takes' });
    written[name] = text;
  }
  return written;
}
