import type { Fault } from '../faults.ts';
import { parseJson } from '../http-service.ts';
import type { SandboxAnswer, SandboxRequest, Vendor } from '../http-service.ts';
import type { Ledger, StoredRecord } from '../ledger.ts';
import { bearerOf, createTokens, textOf } from '../tokens.ts';
import { checkLead } from './lead-checks.ts';
import type { VendorError } from './lead-checks.ts';
import { describeLead, FIELDS_BY_NAME } from './lead-fields.ts';
import { answerToken, ORGANIZATION_ID, salesforceCredentials, USER_ID } from './salesforce-oauth.ts';
import { answerQuery } from './salesforce-query.ts';

const DAILY_REQUESTS = 1_000_000;
const BASE_62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

function refuse(status: number, ...errors: readonly VendorError[]): SandboxAnswer {
  return { status, body: errors };
}

const NOT_FOUND = refuse(404, { errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' });

/** The 18-character form of an id: three check characters tell upper from lower case. */
function toLeadId(number: number): string {
  const id = `00Q5g00000${number.toString(36).toUpperCase().padStart(5, '0')}`;
  const check = [0, 5, 10].map(
    (start) =>
      BASE_62[[0, 1, 2, 3, 4].reduce((sum, offset) => sum + (/[A-Z]/.test(id.charAt(start + offset)) ? 2 ** offset : 0), 0)] ?? 'A',
  );
  return id + check.join('');
}

function lookupsOf(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  const found = ['Tendril_Id__c', 'Email'].flatMap((name) =>
    typeof fields[name] === 'string' ? [[name, fields[name].toLowerCase()] as const] : [],
  );
  return Object.fromEntries(found);
}

/** Salesforce's REST API as far as leads go. */
export function createSalesforce(ledger: Ledger, origin: () => string): Vendor & { issueToken(at: number): string } {
  const credentials = salesforceCredentials(ledger);
  const tokens = createTokens(ledger, (random) => `${ORGANIZATION_ID.slice(0, 15)}!AQ4${random}`);
  const isRevoked = (): boolean => ledger.getSetting('state.refreshRevoked') === 'yes';

  function save(existing: StoredRecord | undefined, fields: Readonly<Record<string, unknown>>, at: number): StoredRecord {
    const stamp = new Date(at).toISOString().replace('Z', '+0000');
    const id = existing?.id ?? toLeadId(ledger.nextNumber('leads'));
    const before = existing?.fields ?? {
      Id: id,
      IsDeleted: false,
      IsConverted: false,
      HasOptedOutOfEmail: false,
      Status: 'Open - Not Contacted',
      CreatedDate: stamp,
    };
    const changed = Object.entries(fields).filter(([name, value]) => (before[name] ?? null) !== value);
    if (existing !== undefined && changed.length === 0) {
      ledger.recordRepeat();
      return existing;
    }
    const after: Record<string, unknown> = { ...before, ...fields, LastModifiedDate: stamp };
    after['Name'] = [after['FirstName'], after['LastName']].filter(Boolean).join(' ');
    const record = { id, fields: after };
    ledger.putRecord('Lead', record, lookupsOf(after));
    ledger.recordEffect({
      at,
      key: textOf(after['Tendril_Id__c'] ?? id),
      kind: existing === undefined ? 'created' : 'updated',
      objectType: 'Lead',
      objectId: id,
      fields: existing === undefined ? fields : Object.fromEntries(changed),
    });
    return record;
  }

  function findDuplicate(fields: Readonly<Record<string, unknown>>, request: SandboxRequest): boolean {
    if (/allowSave\s*=\s*true/i.test(String(request.headers['sforce-duplicate-rule-header'] ?? ''))) return false;
    const email = fields['Email'];
    return typeof email === 'string' && ledger.findRecords('Lead', 'Email', email.toLowerCase()).length > 0;
  }

  function upsert(request: SandboxRequest, field: string, value: string): SandboxAnswer {
    const key = FIELDS_BY_NAME.get(field.toLowerCase());
    if (key?.isExternalId !== true)
      return refuse(404, { errorCode: 'NOT_FOUND', message: `Provided external ID field does not exist or is not accessible: ${field}` });
    if (value.length > key.length)
      return refuse(400, {
        errorCode: 'STRING_TOO_LONG',
        message: `${key.label}: data value too large (max length=${key.length})`,
        fields: [key.name],
      });
    const matches = ledger.findRecords('Lead', key.name, value.toLowerCase());
    const body = parseJson(request.body);
    if (typeof body === 'object' && body !== null && Object.keys(body).some((name) => name.toLowerCase() === key.name.toLowerCase())) {
      return refuse(400, { errorCode: 'INVALID_FIELD', message: `The ${key.name} field should not be specified in the sobject data.` });
    }
    const checked = checkLead(body, matches.length === 0);
    if ('errors' in checked) return refuse(400, ...checked.errors);
    const existing = matches[0];
    if (existing === undefined && findDuplicate(checked.fields, request))
      return refuse(400, { errorCode: 'DUPLICATES_DETECTED', message: 'Use one of these records?', fields: [] });
    const saved = save(existing, { ...checked.fields, ...(existing === undefined ? { [key.name]: value } : {}) }, request.at);
    return {
      status: existing === undefined ? 201 : 200,
      body: { id: saved.id, success: true, errors: [], created: existing === undefined },
    };
  }

  function create(request: SandboxRequest): SandboxAnswer {
    const checked = checkLead(parseJson(request.body), true);
    if ('errors' in checked) return refuse(400, ...checked.errors);
    if (findDuplicate(checked.fields, request))
      return refuse(400, { errorCode: 'DUPLICATES_DETECTED', message: 'Use one of these records?', fields: [] });
    return { status: 201, body: { id: save(undefined, checked.fields, request.at).id, success: true, errors: [] } };
  }

  function retrieve(version: string, field: string, value: string): SandboxAnswer {
    const found =
      field === 'Id'
        ? [ledger.getRecord('Lead', value)].filter((record) => record !== undefined)
        : ledger.findRecords('Lead', FIELDS_BY_NAME.get(field.toLowerCase())?.name ?? '', value.toLowerCase());
    const record = found[0];
    if (record === undefined) return NOT_FOUND;
    return {
      status: 200,
      body: { attributes: { type: 'Lead', url: `/services/data/v${version}/sobjects/Lead/${record.id}` }, ...record.fields },
    };
  }

  function answerData(request: SandboxRequest, version: string, path: readonly string[]): SandboxAnswer {
    const [resource, object, first, second] = path;
    if (resource === 'limits')
      return { status: 200, body: { DailyApiRequests: { Max: DAILY_REQUESTS, Remaining: DAILY_REQUESTS - ledger.requestCount() } } };
    if (resource === 'query') return answerQuery(request.url.searchParams.get('q') ?? '', ledger, version);
    if (resource === undefined)
      return {
        status: 200,
        body: {
          sobjects: `/services/data/v${version}/sobjects`,
          query: `/services/data/v${version}/query`,
          limits: `/services/data/v${version}/limits`,
        },
      };
    if (resource !== 'sobjects' || object?.toLowerCase() !== 'lead') return NOT_FOUND;
    if (request.method === 'POST' && first === undefined) return create(request);
    if (request.method === 'GET' && first === 'describe') return { status: 200, body: describeLead(version) };
    if (request.method === 'PATCH' && first !== undefined && second !== undefined) return upsert(request, first, second);
    if (request.method === 'GET' && first !== undefined)
      return second === undefined ? retrieve(version, 'Id', first) : retrieve(version, first, second);
    return refuse(405, { errorCode: 'METHOD_NOT_ALLOWED', message: `HTTP Method '${request.method}' not allowed.` });
  }

  function answerApi(request: SandboxRequest): SandboxAnswer {
    const path = request.url.pathname;
    if (path === '/services/data')
      return {
        status: 200,
        body: ['60.0', '63.0', '65.0'].map((version) => ({ label: `API ${version}`, url: `/services/data/v${version}`, version })),
      };
    if (tokens.state(bearerOf(request.headers.authorization), request.at) !== 'valid')
      return refuse(401, { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' });
    if (path === '/services/oauth2/userinfo' || path === `/id/${ORGANIZATION_ID}/${USER_ID}`) {
      return {
        status: 200,
        body: { user_id: USER_ID, organization_id: ORGANIZATION_ID, preferred_username: credentials.username, active: true },
      };
    }
    const match = /^\/services\/data\/v(\d+\.0)(?:\/(.*))?$/.exec(path);
    if (match === null) return NOT_FOUND;
    const segments = (match[2] ?? '')
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
    const used = ledger.requestCount();
    const answer = answerData(request, match[1] ?? '', segments);
    return { ...answer, headers: { 'sforce-limit-info': `api-usage=${used}/${DAILY_REQUESTS}`, ...answer.headers } };
  }

  return {
    recordType: 'Lead',
    isTokenRequest: (request) => request.url.pathname === '/services/oauth2/token',
    answer: (request) =>
      request.url.pathname === '/services/oauth2/token'
        ? answerToken(request, { credentials, tokens, origin: origin(), isRevoked: isRevoked() })
        : answerApi(request),
    answerFault: (fault) => answerFault(fault),
    actOnFault(fault) {
      if (fault.kind === 'expire_tokens') tokens.expireAll();
      else if (fault.kind === 'revoke_refresh') {
        tokens.expireAll();
        ledger.setSetting('state.refreshRevoked', 'yes');
      } else return false;
      return true;
    },
    issueToken: (at) => tokens.issue(at, 2 * 60 * 60 * 1000),
  };
}

function answerFault(fault: Fault): SandboxAnswer | undefined {
  const retryAfter = fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
  switch (fault.kind) {
    case 'throttle':
    case 'throttle_daily':
      return {
        ...refuse(403, { message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }),
        headers: { 'sforce-limit-info': `api-usage=${DAILY_REQUESTS}/${DAILY_REQUESTS}`, ...retryAfter },
      };
    case 'unauthorized':
      return refuse(401, { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' });
    case 'forbidden':
      return refuse(403, {
        message: 'You do not have the level of access necessary to perform the operation you requested.',
        errorCode: 'INSUFFICIENT_ACCESS',
      });
    case 'server_error':
      return refuse(500, {
        message: 'An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (1234567890)',
        errorCode: 'UNKNOWN_EXCEPTION',
      });
    case 'unavailable':
      return { ...refuse(503, { message: 'Server unavailable', errorCode: 'SERVER_UNAVAILABLE' }), headers: retryAfter };
    case 'not_json':
      return { status: 502, body: '<html><head><title>Bad Gateway</title></head><body>We are down for maintenance.</body></html>' };
    case 'lock_row':
      return refuse(400, {
        message: 'unable to obtain exclusive access to this record or 1 records: 00Q5g0000000000EAA',
        errorCode: 'UNABLE_TO_LOCK_ROW',
        fields: [],
      });
    case 'duplicate_race':
      return refuse(400, {
        message: 'duplicate value found: Tendril_Id__c duplicates value on record with id: 00Q5g0000000000',
        errorCode: 'DUPLICATE_VALUE',
        fields: [],
      });
    case 'multiple_matches':
      return {
        status: 300,
        body: ['/services/data/v63.0/sobjects/Lead/00Q5g0000000001EAA', '/services/data/v63.0/sobjects/Lead/00Q5g0000000002EAA'],
      };
    case 'token_error':
      return { status: 503, body: '<html>temporarily unavailable</html>' };
    default:
      return undefined;
  }
}
