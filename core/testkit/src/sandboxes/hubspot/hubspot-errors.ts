import { createHash } from 'node:crypto';
import type { Fault } from '../faults.ts';
import type { SandboxAnswer } from '../http-service.ts';
import type { PropertyFault } from './contact-properties.ts';

let count = 0;

function correlationId(): string {
  const hash = createHash('sha256')
    .update(`hubspot-sandbox-${process.pid}-${(count += 1)}`)
    .digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** The vendor's error answer. */
export function refuse(status: number, category: string, message: string, more: object = {}): SandboxAnswer {
  return { status, body: { status: 'error', message, correlationId: correlationId(), category, ...more } };
}

/** The answer to values that the properties do not take. */
export function refuseProperties(faults: readonly PropertyFault[]): SandboxAnswer {
  const shown = faults.map(({ name, code, message }) => ({
    isValid: false,
    message,
    error: code,
    name,
    localizedErrorMessage: message,
    portalId: 62_515,
  }));
  return refuse(400, 'VALIDATION_ERROR', `Property values were not valid: ${JSON.stringify(shown)}`, {
    errors: faults.map(({ name, code, message }) => ({ message, code, context: { propertyName: [name] } })),
  });
}

/** How the vendor says that something is wrong. */
export function answerHubSpotFault(fault: Fault): SandboxAnswer | undefined {
  const retryAfter = fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) };
  switch (fault.kind) {
    case 'throttle':
      return {
        ...refuse(429, 'RATE_LIMITS', 'You have reached your ten_secondly_rolling limit.', {
          errorType: 'RATE_LIMIT',
          policyName: 'TEN_SECONDLY_ROLLING',
          groupName: 'publicapi:private-apps:calls:sandbox',
        }),
        headers: {
          'x-hubspot-ratelimit-interval-milliseconds': '10000',
          'x-hubspot-ratelimit-max': '190',
          'x-hubspot-ratelimit-remaining': '0',
          ...retryAfter,
        },
      };
    case 'throttle_daily':
      return {
        ...refuse(429, 'RATE_LIMITS', 'You have reached your daily limit.', {
          errorType: 'RATE_LIMIT',
          policyName: 'DAILY',
          groupName: 'publicapi:private-apps:calls:sandbox',
        }),
        headers: { 'x-hubspot-ratelimit-daily': '650000', 'x-hubspot-ratelimit-daily-remaining': '0', ...retryAfter },
      };
    case 'unauthorized':
      return refuse(401, 'EXPIRED_AUTHENTICATION', 'The OAuth token used to make this call expired 5 minutes ago.', {
        context: { expireTime: ['2026-01-01T00:00:00Z'] },
      });
    case 'forbidden':
      return refuse(403, 'MISSING_SCOPES', "This app hasn't been granted all required scopes to make this call.", {
        errors: [
          {
            message: 'One or more of the following scopes are required.',
            context: { requiredGranularScopes: ['crm.objects.contacts.write'] },
          },
        ],
      });
    case 'server_error':
      return refuse(500, 'INTERNAL_ERROR', 'internal error');
    case 'unavailable':
      return { ...refuse(503, 'SERVICE_UNAVAILABLE', 'The service is temporarily unavailable.'), headers: retryAfter };
    case 'not_json':
      return { status: 502, body: '<html><head><title>502 Bad Gateway</title></head></html>' };
    case 'token_error':
      return { status: 503, body: '<html>temporarily unavailable</html>' };
    default:
      return undefined;
  }
}
