import { parseJson } from '../http-service.ts';
import type { SandboxAnswer, SandboxRequest, Vendor } from '../http-service.ts';
import type { Ledger, StoredRecord } from '../ledger.ts';
import { bearerOf, createTokens, keepSecret, randomText, textOf } from '../tokens.ts';
import { checkProperties, describeProperties } from './contact-properties.ts';
import { answerHubSpotFault, refuse, refuseProperties } from './hubspot-errors.ts';

/** What a client needs to log in to the sandbox. */
export interface HubSpotCredentials {
  /** Of a private app: does not expire. */
  readonly accessToken: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

const TOKEN_SECONDS = 1800;
const FIRST_CONTACT = 100_000;
const CONTACTS = '/crm/v3/objects/contacts';
const DEFAULT_PROPERTIES = ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'];

/** The sandbox's credentials, made at its first start. */
export function hubSpotCredentials(ledger: Ledger): HubSpotCredentials {
  return {
    accessToken: keepSecret(ledger, 'accessToken', () => `pat-eu1-${randomText(27)}`),
    clientId: keepSecret(ledger, 'clientId', () => randomText(27)),
    clientSecret: keepSecret(ledger, 'clientSecret', () => randomText(27)),
    refreshToken: keepSecret(ledger, 'refreshToken', () => randomText(27)),
  };
}

type Properties = Readonly<Record<string, unknown>>;

function propertiesOf(value: unknown): Properties | undefined {
  if (typeof value !== 'object' || value === null || !('properties' in value)) return undefined;
  const { properties } = value;
  return typeof properties === 'object' && properties !== null && !Array.isArray(properties) ? (properties as Properties) : undefined;
}

function show(record: StoredRecord, names: Iterable<string>): object {
  const { createdate, lastmodifieddate } = record.fields;
  const wanted = new Set([...DEFAULT_PROPERTIES, ...names]);
  return {
    id: record.id,
    createdAt: createdate,
    updatedAt: lastmodifieddate,
    archived: false,
    properties: Object.fromEntries(
      [...wanted].filter((name) => record.fields[name] !== undefined).map((name) => [name, record.fields[name]]),
    ),
  };
}

/** HubSpot's contacts, properties and tokens. */
export function createHubSpot(ledger: Ledger): Vendor & { issueToken(at: number): string } {
  const credentials = hubSpotCredentials(ledger);
  const tokens = createTokens(ledger, (random) => `CI${random}`);

  function save(existing: StoredRecord | undefined, properties: Properties, at: number): StoredRecord {
    const stamp = new Date(at).toISOString();
    const id = existing?.id ?? String(FIRST_CONTACT + ledger.nextNumber('contacts'));
    const values = Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, name === 'email' ? String(value).toLowerCase() : String(value)]),
    );
    const before = existing?.fields ?? { hs_object_id: id, createdate: stamp, lifecyclestage: 'lead' };
    const changed = Object.entries(values).filter(([name, value]) => before[name] !== value);
    if (existing !== undefined && changed.length === 0) {
      ledger.recordRepeat();
      return existing;
    }
    const record = { id, fields: { ...before, ...values, lastmodifieddate: stamp } as Record<string, unknown> };
    const email = record.fields['email'];
    ledger.putRecord('contact', record, typeof email === 'string' ? { email } : {});
    ledger.recordEffect({
      at,
      key: textOf(email ?? id),
      kind: existing === undefined ? 'created' : 'updated',
      objectType: 'contact',
      objectId: id,
      fields: existing === undefined ? values : Object.fromEntries(changed),
    });
    return record;
  }

  const byEmail = (email: unknown): StoredRecord | undefined => ledger.findRecords('contact', 'email', String(email).toLowerCase())[0];

  function create(request: SandboxRequest): SandboxAnswer {
    const properties = propertiesOf(parseJson(request.body));
    if (properties === undefined)
      return refuse(400, 'VALIDATION_ERROR', 'Invalid input JSON on line 1, column 1: some required fields were not set: [properties]');
    const faults = checkProperties(properties);
    if (faults.length > 0) return refuseProperties(faults);
    const existing = properties['email'] === undefined ? undefined : byEmail(properties['email']);
    if (existing !== undefined) return refuse(409, 'CONFLICT', `Contact already exists. Existing ID: ${existing.id}`);
    return { status: 201, body: show(save(undefined, properties, request.at), Object.keys(properties)) };
  }

  function find(id: string, idProperty: string | null): StoredRecord | undefined {
    return idProperty === 'email' ? byEmail(id) : ledger.getRecord('contact', id);
  }

  function update(request: SandboxRequest, id: string): SandboxAnswer {
    const properties = propertiesOf(parseJson(request.body));
    if (properties === undefined)
      return refuse(400, 'VALIDATION_ERROR', 'Invalid input JSON on line 1, column 1: some required fields were not set: [properties]');
    const existing = find(id, request.url.searchParams.get('idProperty'));
    if (existing === undefined) return refuse(404, 'OBJECT_NOT_FOUND', 'resource not found');
    const faults = checkProperties(properties);
    if (faults.length > 0) return refuseProperties(faults);
    return { status: 200, body: show(save(existing, properties, request.at), Object.keys(properties)) };
  }

  function upsertMany(request: SandboxRequest): SandboxAnswer {
    const body = parseJson(request.body) as { inputs?: unknown } | undefined;
    const inputs = Array.isArray(body?.inputs) ? (body.inputs as readonly unknown[]) : undefined;
    if (inputs === undefined || inputs.length === 0)
      return refuse(400, 'VALIDATION_ERROR', 'Invalid input JSON on line 1, column 1: some required fields were not set: [inputs]');
    if (inputs.length > 100)
      return refuse(
        400,
        'VALIDATION_ERROR',
        'The maximum number of inputs supported in a batch request for the object type CONTACT is 100',
      );
    const entries = inputs.map((input) => ({ ...(input as { id?: unknown; idProperty?: unknown }), properties: propertiesOf(input) }));
    if (entries.some((entry) => typeof entry.id !== 'string' || entry.properties === undefined))
      return refuse(400, 'VALIDATION_ERROR', 'Invalid input JSON: some required fields were not set: [id, properties]');
    if (entries.some((entry) => entry.idProperty !== 'email'))
      return refuse(400, 'VALIDATION_ERROR', 'idProperty must be a unique property of the object type: [email]');
    if (new Set(entries.map((entry) => String(entry.id).toLowerCase())).size < entries.length)
      return refuse(400, 'VALIDATION_ERROR', 'Duplicate IDs found in batch input');
    const faults = entries.flatMap((entry) => checkProperties({ email: entry.id, ...entry.properties }));
    if (faults.length > 0) return refuseProperties(faults);
    const results = entries.map(({ id, properties = {} }) => {
      const existing = byEmail(id);
      const saved = save(existing, { email: id, ...properties }, request.at);
      return { ...show(saved, Object.keys(properties)), new: existing === undefined };
    });
    const stamp = new Date(request.at).toISOString();
    return { status: 200, body: { status: 'COMPLETE', results, startedAt: stamp, completedAt: stamp } };
  }

  function listContacts(request: SandboxRequest): SandboxAnswer {
    const limit = Math.min(100, Number(request.url.searchParams.get('limit') ?? 10) || 10);
    return { status: 200, body: { results: ledger.records('contact', limit).map((record) => show(record, [])) } };
  }

  function answerToken(request: SandboxRequest): SandboxAnswer {
    const form = new URLSearchParams(request.body);
    if (form.get('grant_type') !== 'refresh_token')
      return refuse(400, 'VALIDATION_ERROR', 'unsupported grant type', {
        error: 'unsupported_grant_type',
        error_description: 'only refresh_token is offered here',
      });
    if (form.get('client_id') !== credentials.clientId || form.get('client_secret') !== credentials.clientSecret)
      return refuse(400, 'BAD_CLIENT_ID', 'missing or unknown client id', {
        error: 'invalid_client',
        error_description: 'missing or unknown client id',
      });
    if (form.get('refresh_token') !== credentials.refreshToken || ledger.getSetting('state.refreshRevoked') === 'yes')
      return refuse(400, 'BAD_REFRESH_TOKEN', 'missing or invalid refresh token', {
        error: 'invalid_grant',
        error_description: 'refresh token is invalid, expired or revoked',
      });
    const token = tokens.issue(request.at, TOKEN_SECONDS * 1000);
    return {
      status: 200,
      body: {
        token_type: 'bearer',
        access_token: token,
        refresh_token: credentials.refreshToken,
        expires_in: TOKEN_SECONDS,
        hub_id: 62_515,
        scopes: ['crm.objects.contacts.read', 'crm.objects.contacts.write'],
        token_use: 'access_token',
        user_id: 1001,
      },
    };
  }

  function answerContacts(request: SandboxRequest, rest: string): SandboxAnswer {
    if (request.method === 'POST' && rest === '') return create(request);
    if (request.method === 'GET' && rest === '') return listContacts(request);
    if (request.method === 'POST' && rest === '/batch/upsert') return upsertMany(request);
    const id = /^\/([^/]+)$/.exec(rest)?.[1];
    if (id === undefined) return refuse(404, 'OBJECT_NOT_FOUND', 'resource not found');
    if (request.method === 'PATCH') return update(request, decodeURIComponent(id));
    const found = request.method === 'GET' ? find(decodeURIComponent(id), request.url.searchParams.get('idProperty')) : undefined;
    return found === undefined
      ? refuse(404, 'OBJECT_NOT_FOUND', 'resource not found')
      : { status: 200, body: show(found, request.url.searchParams.getAll('properties').join(',').split(',')) };
  }

  function answerApi(request: SandboxRequest): SandboxAnswer {
    const token = bearerOf(request.headers.authorization);
    const state = token === credentials.accessToken ? 'valid' : tokens.state(token, request.at);
    if (state === 'unknown')
      return refuse(
        401,
        'INVALID_AUTHENTICATION',
        'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
      );
    if (state === 'expired')
      return answerHubSpotFault({ kind: 'unauthorized', count: 1 }) ?? refuse(401, 'EXPIRED_AUTHENTICATION', 'expired');
    const path = request.url.pathname;
    if (path === '/crm/v3/properties/contacts' && request.method === 'GET') return { status: 200, body: describeProperties() };
    if (path === CONTACTS || path.startsWith(`${CONTACTS}/`)) return answerContacts(request, path.slice(CONTACTS.length));
    return refuse(404, 'OBJECT_NOT_FOUND', 'Unable to find the requested resource');
  }

  const isToken = (request: SandboxRequest): boolean => request.method === 'POST' && /^\/oauth\/v[13]\/token$/.test(request.url.pathname);
  return {
    recordType: 'contact',
    isTokenRequest: isToken,
    answer(request) {
      if (isToken(request)) return answerToken(request);
      const answer = answerApi(request);
      const used = ledger.requestCount();
      return {
        ...answer,
        headers: {
          'x-hubspot-ratelimit-daily': '650000',
          'x-hubspot-ratelimit-daily-remaining': String(Math.max(0, 650_000 - used)),
          'x-hubspot-ratelimit-interval-milliseconds': '10000',
          'x-hubspot-ratelimit-max': '190',
          ...answer.headers,
        },
      };
    },
    answerFault: answerHubSpotFault,
    actOnFault(fault) {
      if (fault.kind === 'expire_tokens') tokens.expireAll();
      else if (fault.kind === 'revoke_refresh') {
        tokens.expireAll();
        ledger.setSetting('state.refreshRevoked', 'yes');
      } else return false;
      return true;
    },
    issueToken: (at) => tokens.issue(at, TOKEN_SECONDS * 1000),
  };
}
