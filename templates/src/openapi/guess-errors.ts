import type { JsonObject } from '@tendril/plugin-api';
import type { DescriptionDocument } from './description-document.ts';
import { objectOf } from './json-values.ts';
import type { Operation } from './operations.ts';

/** What errors look like, as far as the descriptions of answers tell. */
export interface GuessedErrors {
  readonly rules: readonly JsonObject[];
  readonly retryAfterHeaders: readonly string[];
  readonly why: string | undefined;
}

const LOST_LOGIN = ['invalid_auth', 'not_authed', 'account_inactive', 'token_revoked', 'token_expired'];
const THROTTLED = ['ratelimited', 'rate_limited'];
const REFUSALS = [400, 403, 409, 410, 412, 415, 422];

/** Looks at all operations: a service tells of errors in one way. */
export function guessErrors(document: DescriptionDocument, operations: readonly Operation[]): GuessedErrors {
  const answers = operations.flatMap((operation) => operation.answers);
  const failures = answers.filter(({ status }) => /^[45]|default/i.test(status));
  const retryAfterHeaders = [...new Set(answers.flatMap(({ headers }) => headers))].filter((name) =>
    /^(?:x-)?rate-?limit-reset(?:-after)?$/.test(name),
  );
  const fields = new Set(
    failures.slice(0, MOST_LOOKED_AT).flatMap(({ schema }) => Object.keys(objectOf(document.resolve(schema)['properties']))),
  );
  const succeeding = answers.filter(({ status }) => /^2/.test(status)).slice(0, MOST_LOOKED_AT);
  const saysOk = succeeding.some(({ schema }) => 'ok' in objectOf(document.resolve(schema)['properties'])) && fields.has('error');
  if (saysOk) return { rules: slackRules(), retryAfterHeaders, why: 'answers say `ok: false` with status 200, as Slack does' };
  const isProblem = failures.some(({ contentType }) => contentType?.startsWith('application/problem+json'));
  const detail = isProblem ? 'type' : ['category', 'code', 'error_code', 'errorCode', 'type', 'error'].find((name) => fields.has(name));
  const details: JsonObject = detail === undefined ? {} : { details: { [detail]: `response.body.${detail}` } };
  const rules: JsonObject[] = [{ status: 404, code: 'NOT_FOUND', ...details }];
  if (detail !== undefined) rules.push({ status: REFUSALS, code: 'UPSTREAM_REJECTED', ...details });
  const why = isProblem
    ? 'errors are problem details (RFC 9457)'
    : detail === undefined
      ? undefined
      : `errors are described with a member \`${detail}\`, which is told as a detail`;
  return { rules, retryAfterHeaders, why };
}

const MOST_LOOKED_AT = 500;

function slackRules(): readonly JsonObject[] {
  const isOneOf = (codes: readonly string[]): string => `response.body.ok == false && response.body.error in ${JSON.stringify(codes)}`;
  return [
    { when: isOneOf(LOST_LOGIN), code: 'UPSTREAM_UNAUTHORIZED', details: { error: 'response.body.error' } },
    { when: isOneOf(THROTTLED), code: 'UPSTREAM_THROTTLED', details: { error: 'response.body.error' } },
    { when: 'response.body.ok == false', code: 'UPSTREAM_REJECTED', details: { error: 'response.body.error' } },
  ];
}
