import { TendrilError } from '@tendril/plugin-api';
import type { Clock, JsonObject } from '@tendril/plugin-api';
import type { Random } from '../../environment.ts';
import { valueAt } from '../../plugins/index.ts';
import type { LoadedTrigger } from '../../plugins/index.ts';
import type { Change } from '../../ports.ts';
import type { OpenTenant } from '../../tenants/contract.ts';
import { deployedKey } from '../deployed-records.ts';
import type { Deployed } from '../deployments.ts';
import { newRunId } from '../runs/records.ts';
import { hiddenKey } from '../starts/gate-keys.ts';
import type { RunStart } from '../starts/new-run.ts';
import { startsOf } from './prepare-starts.ts';
import type { PrepareStarts } from './prepare-starts.ts';
import { SEEN, SEEN_KEPT_MS } from './tables.ts';

/** What a source gave, for one pipeline. */
export interface SourceItems {
  readonly trigger: LoadedTrigger;
  readonly items: readonly JsonObject[];
  /** Tells deliveries apart whose items have no primary key; without it each item counts as new. */
  readonly deliveryId?: string | undefined;
  /** Only remembers what is there. */
  readonly startsNothing?: boolean;
  readonly requestId?: string;
}

/** What starts the runs of new items, each once; and the runs. All of it is committed together, or asked for again. */
export interface ItemStarts {
  readonly changes: readonly Change[];
  readonly runIds: readonly string[];
}

/** @returns how items become runs */
export function createItemStarts({
  prepare,
  clock,
  random,
}: {
  readonly prepare: PrepareStarts;
  readonly clock: Clock;
  readonly random: Random;
}) {
  return async (tenant: OpenTenant, deployed: Deployed, source: SourceItems): Promise<ItemStarts> => {
    const now = clock.now();
    const byKey = new Map(
      source.items.map((item, index) => [
        seenKey(tenant, deployed, source, item, index) ?? random.id(),
        { item, hasKey: seenKey(tenant, deployed, source, item, index) !== undefined },
      ]),
    );
    const rows = await tenant.state.get(SEEN, [...byKey.keys()]);
    const changes: Change[] = [];
    const fresh: RunStart[] = [];
    for (const [index, [key, { item, hasKey }]] of [...byKey].entries()) {
      const row = rows[index];
      // What is still given out stays remembered; writing it down each time would cost more than it is worth.
      const isStale = row === undefined || Number(row.value['at']) < now - SEEN_KEPT_MS / 2;
      // Of two polls that found the same item only one can write this.
      if (hasKey && isStale) changes.push({ op: 'put', table: SEEN, value: { key, at: now }, expect: row?.version ?? 0 });
      if (row === undefined && source.startsNothing !== true) fresh.push(startOf(deployed, source, item, key, now));
    }
    if (fresh.length === 0) return { changes, runIds: [] };
    const prepared = await prepare(tenant, deployed, fresh);
    return { changes: [...changes, ...startsOf(prepared, now)], runIds: prepared.runs.map(({ id }) => id) };
  };
}

function startOf({ record }: Deployed, { requestId }: SourceItems, item: JsonObject, key: string, now: number): RunStart {
  return {
    id: newRunId(now, ['source', key].join('\0')),
    startedAt: now,
    isTest: record.environment !== 'production',
    input: item,
    ...(requestId !== undefined && { requestId }),
  };
}

/** @throws TendrilError PLUGIN_FAULTY when an item lacks what the manifest says tells items apart */
function seenKey(
  { keys }: Pick<OpenTenant, 'keys'>,
  { record, compiled }: Deployed,
  { trigger, deliveryId }: SourceItems,
  item: JsonObject,
  index: number,
): string | undefined {
  const { source = '', connection = '' } = compiled.trigger.definition;
  const { primaryKey } = trigger.trigger;
  const owner = [deployedKey(record.id, record.environment), source, connection];
  // What tells items apart may be somebody's address: without the tenant's key nobody can try some out.
  const hide = (parts: readonly string[]): string => hiddenKey(keys, ['seen', ...parts].join('\0'));
  if (primaryKey === undefined) return deliveryId === undefined ? undefined : hide([...owner, 'delivery', deliveryId, String(index)]);
  const value = valueAt(item, primaryKey);
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new TendrilError('PLUGIN_FAULTY', {
      plugin: trigger.plugin.id,
      trigger: trigger.name,
      reason: 'an item has no primary key',
      pointer: primaryKey,
      index,
    });
  return hide([...owner, typeof value, String(value)]);
}
