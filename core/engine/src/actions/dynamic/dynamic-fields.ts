import { createHash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Clock, Json, JsonObject, Logger } from '@tendril/plugin-api';
import { canonicalJson } from '../../canonical-json.ts';
import type { Random } from '../../environment.ts';
import type { DynamicField } from '../../hub.ts';
import type { LoadedAction, PluginHost } from '../../plugins/index.ts';
import type { TableSpec } from '../../ports.ts';
import type { TenantOpener } from '../../tenants/index.ts';
import type { ConnectionRecord, Connections } from '../../vault/index.ts';
import { fits, fittingConnection } from '../choose-connection.ts';
import type { ActionDescription, ActionPath } from '../contract.ts';
import { mergeFields } from './merge-fields.ts';
import { isObject } from './plain-schema.ts';

/** What accounts answered, by connection and action. */
export const DYNAMIC_FIELDS: TableSpec = { name: '_actions.dynamic_fields', key: 'id', indexes: {}, personal: [] };

/** After this an answer is asked for again, when somebody asks. */
const FRESH_MS = 3_600_000;
const LARGEST_BYTES = 512 * 1024;
const MOST_CHOICES = 5_000;

/** What dynamic fields need of the other rooms. */
export interface DynamicFieldsOptions {
  readonly host: PluginHost;
  readonly actions: ActionPath;
  readonly connections: Connections;
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** Choices and extra fields of actions that depend on the account. Kept, so that pipelines can be checked while the service is away. */
export interface DynamicFields {
  /**
   * Of one action for one connection: the plugin's only one, or the one named as the plugin, when none is named. What is kept is
   * given while it is fresh, or while the service does not answer (`isStale`).
   *
   * @throws TendrilError ACTION_UNKNOWN, CONNECTION_UNKNOWN, CONNECTION_MISSING; what the service said when nothing is kept
   */
  of(
    tenantId: string,
    name: string,
    options?: { readonly connection?: string; readonly refresh?: boolean },
  ): Promise<readonly DynamicField[]>;
  /** The action's description with what is kept of the account put into its input; asks nobody. */
  apply(tenantId: string, action: ActionDescription, connection: string | undefined): Promise<ActionDescription>;
  /** Asks for everything of a connection that was added or works again; failures are left for the next asking. */
  onConnected(tenantId: string, connection: string): Promise<void>;
}

interface Kept {
  readonly id: string;
  readonly output: JsonObject;
  readonly hash: string;
  readonly fetchedAt: number;
}

/** @returns dynamic fields over the call path */
export function createDynamicFields(options: DynamicFieldsOptions): DynamicFields {
  const { host, actions, connections, tenants, clock, random, log } = options;

  async function kept(tenantId: string, connection: string, source: string): Promise<Kept | undefined> {
    const { state } = await tenants.open(tenantId);
    const [row] = await state.get(DYNAMIC_FIELDS, [keyOf(connection, source)]);
    return row?.value as Kept | undefined;
  }

  async function fetchOutput(tenantId: string, { name: connection, isSandbox }: ConnectionRecord, source: string): Promise<Kept> {
    const { output } = await actions.execute({
      tenantId,
      name: source,
      input: {},
      connection,
      idempotencyKey: `fields-${random.id()}`,
      attempt: 1,
      caller: { kind: 'hub' },
      isTest: isSandbox,
    });
    const found = checkedOutput(output, source);
    const hash = createHash('sha256').update(canonicalJson(found)).digest('hex');
    const value: Kept = { id: keyOf(connection, source), output: found, hash, fetchedAt: clock.now() };
    const { state } = await tenants.open(tenantId);
    await state.commit([{ op: 'put', table: DYNAMIC_FIELDS, value: value as unknown as JsonObject }]);
    return value;
  }

  async function current(
    tenantId: string,
    connection: ConnectionRecord,
    source: string,
    refresh: boolean,
  ): Promise<Kept & { readonly isStale: boolean }> {
    const known = await kept(tenantId, connection.name, source);
    const isFresh = known !== undefined && clock.now() - known.fetchedAt < FRESH_MS;
    if (isFresh && !refresh) return { ...known, isStale: false };
    try {
      return { ...(await fetchOutput(tenantId, connection, source)), isStale: false };
    } catch (error) {
      if (known === undefined) throw error;
      return { ...known, isStale: true };
    }
  }

  function dynamicOf(name: string): { readonly action: LoadedAction; readonly sources: readonly Source[] } | undefined {
    const action = host.action(name);
    if (action === undefined) return undefined;
    const sources = Object.entries(action.action.dynamic ?? {})
      .filter(([pointer]) => pointer.startsWith('/'))
      .map(([pointer, { action: id, as }]) => ({ pointer, as, source: `${action.plugin.id}.${id}` }));
    return { action, sources };
  }

  return {
    of: async (tenantId, name, { connection: named, refresh = false } = {}) => {
      const found = dynamicOf(name);
      if (found === undefined) throw new TendrilError('ACTION_UNKNOWN', { action: name });
      if (found.sources.length === 0) return [];
      const connection = choose(await connections.list(tenantId), found.action, named);
      return Promise.all(found.sources.map(async (source) => toField(source, await current(tenantId, connection, source.source, refresh))));
    },
    apply: async (tenantId, description, named) => {
      const found = dynamicOf(description.name);
      if (found === undefined || found.sources.length === 0) return description;
      const chosen = chooseOrNone(await connections.list(tenantId), found.action, named);
      if (chosen === undefined) return description;
      const fields = await Promise.all(
        found.sources.map(async (source) => {
          const known = await kept(tenantId, chosen.name, source.source);
          return known === undefined ? undefined : toField(source, { ...known, isStale: false });
        }),
      );
      return {
        ...description,
        input: mergeFields(
          description.input,
          fields.filter((field) => field !== undefined),
        ),
      };
    },
    onConnected: async (tenantId, name) => {
      const connection = await connections.find(tenantId, name);
      if (connection === undefined) return;
      const sources = host
        .actions()
        .filter((action) => fits(connection, action))
        .flatMap((action) => dynamicOf(action.name)?.sources ?? []);
      for (const source of new Set(sources.map((each) => each.source))) {
        await fetchOutput(tenantId, connection, source).catch((error: unknown) =>
          log.info({ err: error, tenant: tenantId, action: source }, 'fields of an account are not known yet'),
        );
      }
    },
  };
}

interface Source {
  readonly pointer: string;
  readonly as: 'choices' | 'fields';
  /** `plugin.action`. */
  readonly source: string;
}

function toField(
  { pointer, as, source }: Source,
  { output, hash, fetchedAt, isStale }: Kept & { readonly isStale: boolean },
): DynamicField {
  const { items, schema } = output as {
    readonly items?: readonly { readonly value: Json; readonly title: string }[];
    readonly schema?: JsonObject;
  };
  return {
    pointer,
    as,
    source,
    hash,
    fetchedAt,
    isStale,
    ...(as === 'choices' && items !== undefined && { items }),
    ...(as === 'fields' && schema !== undefined && { schema }),
  };
}

/** The plugin's own schema has passed; this is what the manifest promises by `choices` and `fields`. */
function checkedOutput(output: Json, action: string): JsonObject {
  const refuse = (reason: string): never => {
    throw new TendrilError('ACTION_OUTPUT_INVALID', { action, reason });
  };
  if (!isObject(output)) return refuse('it gave no object');
  const { items, schema } = output;
  if (Buffer.byteLength(JSON.stringify(output)) > LARGEST_BYTES) return refuse('it gave too much');
  const isChoices =
    Array.isArray(items) &&
    items.length <= MOST_CHOICES &&
    items.every(
      (item) => isObject(item) && ['string', 'number', 'boolean'].includes(typeof item['value']) && typeof item['title'] === 'string',
    );
  if (!isChoices && !isObject(schema)) return refuse('it gave neither `items` of {value, title} nor a `schema`');
  return output;
}

function choose(all: readonly ConnectionRecord[], action: LoadedAction, named: string | undefined): ConnectionRecord {
  const chosen = chooseOrNone(all, action, named);
  if (chosen !== undefined) return chosen;
  if (named !== undefined) throw new TendrilError('CONNECTION_UNKNOWN', { action: action.name, connection: named });
  throw new TendrilError('CONNECTION_MISSING', { action: action.name, plugin: action.plugin.id });
}

function chooseOrNone(all: readonly ConnectionRecord[], action: LoadedAction, named: string | undefined): ConnectionRecord | undefined {
  if (named === undefined) return fittingConnection(all, action);
  return all.find((record) => record.name === named && fits(record, action));
}

function keyOf(connection: string, source: string): string {
  return `${connection}/${source}`;
}
