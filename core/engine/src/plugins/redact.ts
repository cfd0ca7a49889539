/** Names of fields that hold a secret. */
export const SECRET_NAME = /token|secret|passw|authori[sz]ation|api_?-?key|credential|cookie|signature/i;
const PERSONAL_NAME = /^(e-?mail|phone|mobile|address|first_?name|last_?name|full_?name|birth|ip|traits|identities|to|cc|bcc)$/i;
const DEEPEST = 4;
const LONGEST_TEXT = 1_000;
const MOST_MEMBERS = 100;
const HIDDEN = '[redacted]';

/** Fields of a plugin's log line without what must not be in a log: by name, and secrets of its connection by value. */
export function redact(fields: object, secrets: readonly string[]): Readonly<Record<string, unknown>> {
  return redactMembers(fields, secrets, 0);
}

function redactMembers(value: object, secrets: readonly string[], depth: number): Record<string, unknown> {
  const redacted: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value).slice(0, MOST_MEMBERS)) {
    redacted[name] = SECRET_NAME.test(name) || PERSONAL_NAME.test(name) ? HIDDEN : redactValue(member, secrets, depth + 1);
  }
  return redacted;
}

function redactValue(value: unknown, secrets: readonly string[], depth: number): unknown {
  if (typeof value === 'string') {
    const text = value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;
    return secrets.some((secret) => text.includes(secret)) ? HIDDEN : text;
  }
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  // Errors of vendor libraries hold whole requests; what the catalogue names is safe.
  if (value instanceof Error) return { name: value.name, ...('code' in value && typeof value.code === 'string' && { code: value.code }) };
  if (depth > DEEPEST) return '[deep]';
  return Array.isArray(value)
    ? value.slice(0, MOST_MEMBERS).map((item) => redactValue(item, secrets, depth + 1))
    : redactMembers(value, secrets, depth);
}
