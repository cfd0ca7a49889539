import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject } from '@tendril/plugin-api';
import type { Recording } from '@tendril/schemas';
import { openBench } from '../bench/open-bench.ts';
import type { ConformanceOptions } from '../contract.ts';
import { readPackage } from '../plugin-package.ts';
import { Relay } from './relay.ts';
import { scrub, secretsIn } from './scrub.ts';
import type { Scrubbed } from './scrub.ts';

/** A call that is to be made at a real account or sandbox and written down. */
export interface RecordOptions extends Pick<ConformanceOptions, 'folder' | 'source' | 'beside'> {
  /** Id in the manifest. */
  readonly action: string;
  readonly input: JsonObject;
  readonly connection?: { readonly kind: string; readonly values: JsonObject };
  readonly settings?: JsonObject;
  readonly title?: string;
  /** `host:port` that may be reached although its address is private: a sandbox on this machine. */
  readonly allow?: readonly string[];
}

/** A recording without secrets and personal details, and what was taken out. */
export interface Recorded {
  readonly recording: Recording;
  readonly scrubbed: readonly Scrubbed[];
}

const KEY = 'recording';

/**
 * Makes one call through the hub's call path and writes down what was exchanged. The call is real: what the action does is
 * done.
 *
 * @throws TendrilError MANIFEST_INVALID, ACTION_UNKNOWN, CONNECTION_INVALID; CONNECTION_INVALID also when the value of a secret is
 * left somewhere in the recording, which is then not given
 */
export async function recordAction(options: RecordOptions): Promise<Recorded> {
  const { folder, source, beside = [], action, input, connection, settings, title, allow } = options;
  const pack = await readPackage(folder, source);
  if (pack.plugin === undefined) throw new TendrilError('MANIFEST_INVALID', { faults: pack.faults });
  const { id: pluginId, manifest, schemas } = pack.plugin;
  if (manifest.contributes.actions?.[action] === undefined)
    throw new TendrilError('ACTION_UNKNOWN', { action, known: Object.keys(manifest.contributes.actions ?? {}) });
  const bench = await openBench({
    pluginId,
    source: pack.source,
    beside,
    isolation: 'process',
    hasPeople: false,
    ...(allow !== undefined && { allow }),
  });
  const relay = new Relay(KEY);
  const staying = setInterval(() => undefined, 60_000);
  try {
    bench.clock.set(Date.now());
    const at = new Date(bench.clock.now()).toISOString();
    const { tenant } = await bench.tenant(settings);
    if (connection !== undefined) {
      const account = { name: 'account', plugin: pluginId, ...connection, isSandbox: true, shouldTest: false };
      await bench.rooms.connections.service(tenant.id).add(account);
    }
    bench.service.play(relay.respond);
    const ended = await bench.call({
      tenantId: tenant.id,
      action,
      input,
      idempotencyKey: KEY,
      connection: connection === undefined ? undefined : 'account',
    });
    // Without an exchange nothing was learnt about the service.
    if ('error' in ended && relay.exchanges.length === 0) throw ended.error;
    const raw = {
      ...(title !== undefined && { title }),
      action,
      input,
      ...(connection !== undefined && { connection }),
      ...(settings !== undefined && { settings }),
      at,
      exchanges: relay.exchanges,
      ...('error' in ended ? { error: ended.error.code } : { output: ended.output }),
    };
    const secrets = secretsOf(schemas.connections.get(connection?.kind ?? '')?.schema, connection?.values ?? {});
    return scrubbedOrRefused(withPublicNames(raw, allow ?? [], pluginId), secrets);
  } finally {
    clearInterval(staying);
    await bench.close();
  }
}

/** Places of this machine are reached when it is recorded and never when it is played: a name stands for each. */
function withPublicNames(raw: object, allow: readonly string[], pluginId: string): object {
  let text = JSON.stringify(raw);
  for (const [index, place] of allow.entries()) {
    const name = `https://${pluginId.replaceAll('_', '-')}${index === 0 ? '' : String(index + 1)}.example.invalid`;
    for (const scheme of ['http', 'https']) text = text.replaceAll(`${scheme}://${place}`, name);
  }
  return JSON.parse(text) as object;
}

/** @throws TendrilError CONNECTION_INVALID when a secret is left */
export function scrubbedOrRefused(raw: object, secrets: Readonly<Record<string, string>>): Recorded {
  const { value, scrubbed } = scrub(raw, secrets);
  const left = secretsIn(JSON.stringify(value), secrets);
  if (left.length > 0)
    throw new TendrilError('CONNECTION_INVALID', {
      fields: left,
      reason: 'the value of a secret is left in the recording, which was not written',
    });
  return { recording: value as Recording, scrubbed };
}

/** Texts of the connection that its schema calls secret. */
function secretsOf(schema: JsonObject | boolean | undefined, values: JsonObject): Readonly<Record<string, string>> {
  const properties = (typeof schema === 'object' ? schema['properties'] : undefined) as Readonly<Record<string, JsonObject>> | undefined;
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const isSecret = properties?.[name]?.['writeOnly'] === true || properties?.[name]?.['x-secret'] === true;
      return isSecret && typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
