import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import type { LoadedPlugin } from './contract.ts';
import type { PluginRoute, PluginRouteReply } from './contributions.ts';

const LEAST_STATUS = 200;
const MOST_STATUS = 599;
const MOST_BODY_BYTES = 1024 * 1024;
const MOST_HEADERS = 32;
const LONGEST_HEADER = 4_096;
/** Bytes that no header may have: they would begin another one. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * What a route's handler gave, as it may go out. A plugin may give anything: it is read once and kept as text.
 *
 * @throws TendrilError PLUGIN_FAULTY, PLUGIN_LIMIT_EXCEEDED; they name places, never what was there
 */
export function checkAnswer(plugin: LoadedPlugin, route: PluginRoute, answer: unknown): PluginRouteReply {
  const refuse = (reason: string, details: JsonObject = {}): never => {
    throw new TendrilError('PLUGIN_FAULTY', { plugin: plugin.id, handler: `route ${route.id}`, reason, ...details });
  };
  const parts = readParts(answer);
  if (parts === undefined) return refuse('its handler gave no answer');
  const { status, headers, body } = parts;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < LEAST_STATUS || status > MOST_STATUS)
    return refuse('its status is no whole number from 200 to 599');
  const named = readHeaders(headers) ?? refuse('its headers are no texts by name, or too many or too long');
  const text = body === undefined ? undefined : (toText(body) ?? refuse('its body is not JSON'));
  if (text !== undefined && Buffer.byteLength(text) > MOST_BODY_BYTES)
    throw new TendrilError('PLUGIN_LIMIT_EXCEEDED', { plugin: plugin.id, handler: `route ${route.id}`, limitBytes: MOST_BODY_BYTES });
  const isText = typeof body === 'string';
  const schema = plugin.schemas.routes.get(route.id)?.output;
  // What failed need not look like what succeeds.
  if (schema !== undefined && status < 400 && text !== undefined) {
    const problems = schema.validate(isText ? text : (JSON.parse(text) as Json));
    if (problems.length > 0) return refuse('its body does not match its schema', { problems: problems as unknown as Json });
  }
  return { status, headers: named, isText, ...(text === undefined ? {} : { body: text }) };
}

/** Each member is read once; one that throws makes it no answer. */
function readParts(answer: unknown): { readonly status: unknown; readonly headers: unknown; readonly body: unknown } | undefined {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return undefined;
  try {
    const { status = LEAST_STATUS, headers = {}, body }: { status?: unknown; headers?: unknown; body?: unknown } = answer;
    return { status, headers: { ...(headers as object) }, body };
  } catch {
    return undefined;
  }
}

function readHeaders(headers: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(headers);
  if (entries.length > MOST_HEADERS) return undefined;
  const named: [string, string][] = [];
  for (const [name, value] of entries) {
    if (typeof value !== 'string' || value.length > LONGEST_HEADER || !HEADER_VALUE.test(value)) return undefined;
    named.push([name.toLowerCase(), value]);
  }
  return Object.fromEntries(named);
}

/** Cycles, big integers and getters that throw are no JSON. */
function toText(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  try {
    return JSON.stringify(body);
  } catch {
    return undefined;
  }
}
