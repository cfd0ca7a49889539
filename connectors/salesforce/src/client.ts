import { PassThrough } from 'node:stream';
import type { Connection } from 'jsforce/lib/connection.js';
import type { HttpRequest, HttpResponse } from 'jsforce/lib/types/common.js';
import { TendrilError } from '@tendril/plugin-api';
import type { Call, JsonObject } from '@tendril/plugin-api';
import type { Settings } from './gen/manifest.gen.ts';
import { toTendrilError } from './vendor-errors.ts';

/** A field of an object as Salesforce describes it, as far as it is used. */
export interface DescribedField {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly length: number;
  readonly nillable: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly externalId: boolean;
  readonly restrictedPicklist: boolean;
  readonly picklistValues: readonly string[];
}

/** What the actions ask of Salesforce. Every method throws errors of the catalogue only. */
export interface SalesforceClient {
  /** Creates or updates the lead whose field `key.field` holds `key.value`. */
  upsertLead(
    key: { readonly field: string; readonly value: string },
    fields: JsonObject,
  ): Promise<{ readonly id: string; readonly created: boolean }>;
  describeLead(): Promise<readonly DescribedField[]>;
  /** Requests of the organization in 24 hours. */
  requestsPerDay(): Promise<{ readonly most: number; readonly left: number }>;
}

/** The last answer of the service, which the library's errors do not carry. */
interface Seen {
  status: number;
  retryAfterMs: number | undefined;
}

const API_VERSION = '63.0';

function textOf(body: HttpRequest['body']): string | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return body;
  throw new TendrilError('INTERNAL', { reason: 'a request with a stream as its body' });
}

async function send(call: Call<Settings>, request: HttpRequest, seen: Seen): Promise<HttpResponse> {
  const headers = new Headers(request.headers);
  // The broker counts the bytes itself.
  headers.delete('content-length');
  const body = textOf(request.body);
  const response = await call.fetch(request.url, {
    method: request.method,
    headers,
    signal: call.signal,
    ...(body !== undefined && { body }),
  });
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  seen.status = response.status;
  seen.retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

function entriesOf(error: unknown): readonly object[] {
  const data: unknown = typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined;
  const entries: readonly unknown[] = Array.isArray(data) ? data : [data];
  return entries.filter((entry) => typeof entry === 'object' && entry !== null);
}

function wrap(error: unknown, seen: Seen, signal: AbortSignal): TendrilError {
  if (TendrilError.is(error)) return error;
  if (signal.aborted) return new TendrilError('ACTION_ABORTED', { service: 'salesforce' });
  const entries = entriesOf(error);
  const named: unknown = typeof error === 'object' && error !== null && 'errorCode' in error ? error.errorCode : undefined;
  const vendorCodes = entries.flatMap((entry) => ('errorCode' in entry && typeof entry.errorCode === 'string' ? [entry.errorCode] : []));
  return toTendrilError({
    status: seen.status,
    vendorCodes:
      vendorCodes.length === 0 && named === 'MULTIPLE_CHOICES' ? [named] : vendorCodes.filter((code) => !code.startsWith('ERROR_HTTP_')),
    fields: entries.flatMap((entry) =>
      'fields' in entry && Array.isArray(entry.fields) ? entry.fields.filter((field) => typeof field === 'string') : [],
    ),
    retryAfterMs: seen.retryAfterMs,
  });
}

/**
 * The library with the hub's `fetch` beneath it: no sockets, retries, queue or token refresh of its own. Without client
 * id or refresh token it has nothing to refresh with, and its retries live in the transport that is replaced here.
 */
async function open(call: Call<Settings>, seen: Seen): Promise<Connection> {
  const [{ Connection }, { Transport }] = await Promise.all([import('jsforce/lib/connection.js'), import('jsforce/lib/transport.js')]);
  class BrokerTransport extends Transport {
    override getRequestStreamCreator() {
      return (request: HttpRequest): PassThrough => {
        const stream = new PassThrough();
        send(call, request, seen).then(
          (response) => stream.emit('complete', response),
          (error: unknown) => stream.emit('error', error),
        );
        return stream;
      };
    }
  }
  const { instanceUrl } = call.connection.values;
  if (typeof instanceUrl !== 'string' || instanceUrl === '')
    throw new TendrilError('CONNECTION_INVALID', { connection: call.connection.name, field: 'instanceUrl' });
  const connection = new Connection({
    instanceUrl: instanceUrl.replace(/\/+$/, ''),
    version: call.settings.apiVersion ?? API_VERSION,
    logLevel: 'NONE',
  });
  connection._transport = new BrokerTransport();
  return connection;
}

/** Opens the connection of the running call. No request is made yet. */
export async function openSalesforce(call: Call<Settings>): Promise<SalesforceClient> {
  const seen: Seen = { status: 0, retryAfterMs: undefined };
  const connection = await open(call, seen);

  async function ask<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw wrap(error, seen, call.signal);
    }
  }

  return {
    upsertLead: (key, fields) =>
      ask(async () => {
        const headers: Record<string, string> =
          call.settings.allowDuplicates === true ? { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' } : {};
        // The library puts the value into the path as it is: a slash or a question mark would name another resource.
        const record = { ...fields, [key.field]: encodeURIComponent(key.value) };
        const result: unknown = await connection.upsert('Lead', record, key.field, { headers });
        if (typeof result !== 'object' || result === null || !('id' in result) || typeof result.id !== 'string') throw unreadable(seen);
        return { id: result.id, created: 'created' in result ? result.created === true : seen.status === 201 };
      }),
    describeLead: () =>
      ask(async () => {
        const described = await connection.describe('Lead');
        if (!Array.isArray(described.fields)) throw unreadable(seen);
        return described.fields.map((field) => ({ ...field, picklistValues: activeValues(field.picklistValues) }));
      }),
    requestsPerDay: () =>
      ask(async () => {
        const limits: unknown = await connection.limits();
        const daily: unknown =
          typeof limits === 'object' && limits !== null && 'DailyApiRequests' in limits ? limits.DailyApiRequests : undefined;
        if (typeof daily !== 'object' || daily === null || !('Max' in daily) || !('Remaining' in daily)) throw unreadable(seen);
        return { most: Number(daily.Max), left: Number(daily.Remaining) };
      }),
  };
}

function activeValues(choices: unknown): readonly string[] {
  const found: readonly unknown[] = Array.isArray(choices) ? choices : [];
  return found.flatMap((choice) =>
    typeof choice === 'object' &&
    choice !== null &&
    'value' in choice &&
    typeof choice.value === 'string' &&
    'active' in choice &&
    choice.active === true
      ? [choice.value]
      : [],
  );
}

function unreadable(seen: Seen): TendrilError {
  return toTendrilError({ status: seen.status, vendorCodes: [], fields: [], retryAfterMs: undefined });
}
