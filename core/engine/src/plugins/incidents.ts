import { TendrilError } from '@tendril/plugin-api';
import type { Clock, Logger } from '@tendril/plugin-api';
import { hubEvent } from '../events/index.ts';
import type { Change } from '../ports.ts';
import type { TenantOpener } from '../tenants/index.ts';
import { fromCondition, toCondition } from './conditions.ts';
import type { Condition } from './conditions.ts';
import type { LoadedPlugin, PluginIncident } from './contract.ts';
import { CONDITIONS } from './enablement-tables.ts';

/** How many incidents a plugin may have for a tenant before it is stopped for it. */
export interface IncidentBudget {
  readonly incidents: number;
  readonly windowMs: number;
}

/** Unless the operator says otherwise. */
export const DEFAULT_INCIDENT_BUDGET: IncidentBudget = { incidents: 5, windowMs: 600_000 };

const MOST_ATTEMPTS = 20;

/** What counting incidents needs of the host. */
export interface IncidentOptions {
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly log: Logger;
  readonly budget: IncidentBudget;
  /** Told when what is kept of a tenant's plugins has changed. */
  readonly changed: (tenantId: string) => void;
}

/** Counts, in the store and so over all processes, what plugins do that no sound one does; stops those that go on. */
export class Incidents {
  readonly #options: IncidentOptions;
  readonly #writing = new Set<Promise<void>>();
  /** Of each tenant and plugin one after another. */
  readonly #last = new Map<string, Promise<void>>();

  constructor(options: IncidentOptions) {
    this.#options = options;
  }

  /** Does not wait and does not throw: whoever reports has a process to clear away. */
  readonly report = (incident: PluginIncident): void => {
    const { log } = this.#options;
    const { plugin, tenantId, kind, reason } = incident;
    log.error({ plugin, tenant: tenantId, kind, reason }, 'a plugin did what no sound plugin does');
    const key = `${tenantId}/${plugin}`;
    const writing = (this.#last.get(key) ?? Promise.resolve())
      .then(() => this.#count(incident))
      .catch((error: unknown) => {
        log.error({ err: error, plugin, tenant: tenantId }, 'an incident of a plugin could not be counted');
      })
      .finally(() => {
        this.#writing.delete(writing);
        if (this.#last.get(key) === writing) this.#last.delete(key);
      });
    this.#last.set(key, writing);
    this.#writing.add(writing);
  };

  /** Resolves when everything reported so far is counted. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }

  /** Lets a plugin that was stopped go on, with a full budget; without effect for one that was not. */
  async resume(tenantId: string, plugin: LoadedPlugin): Promise<void> {
    const now = this.#options.clock.now();
    await this.#change(tenantId, plugin.id, (condition) => {
      if (condition.stopped === undefined) return undefined;
      const { stopped, ...rest } = condition;
      const properties = { plugin: plugin.id, version: plugin.version };
      return {
        condition: { ...rest, incidents: [] },
        event: { name: 'tendril.plugin.resumed', cause: `${plugin.id}/${stopped.at}`, properties, at: now },
      };
    });
  }

  /** Reports to the tenant, once per version, that a plugin that it uses is revoked. */
  async reportRevoked(tenantId: string, { id, version, source }: LoadedPlugin, dependants: readonly string[]): Promise<void> {
    const { clock, log } = this.#options;
    const reason = source.revoked?.reason ?? '';
    await this.#change(tenantId, id, (condition) => {
      if (condition.revokedVersion === version) return undefined;
      log.error({ plugin: id, version, tenant: tenantId, reason, dependants }, 'a plugin is revoked: it is not called any more');
      const properties = { plugin: id, version, reason, dependants: [...dependants] };
      return {
        condition: { ...condition, revokedVersion: version },
        event: { name: 'tendril.plugin.revoked', cause: `${id}@${version}`, properties, at: clock.now() },
      };
    });
  }

  async #count({ plugin, tenantId, kind, reason }: PluginIncident): Promise<void> {
    const { budget, clock, log } = this.#options;
    const at = clock.now();
    await this.#change(tenantId, plugin, (condition) => {
      if (condition.stopped !== undefined) return undefined;
      const recent = condition.incidents.filter((incident) => at - incident.at < budget.windowMs);
      const incidents = [...recent, { at, kind, reason }];
      if (incidents.length < budget.incidents) return { condition: { ...condition, incidents } };
      const stopped = {
        at,
        reason: `${incidents.length} incidents in ${Math.round(budget.windowMs / 60_000)} minutes, the last: ${reason}`,
      };
      log.error(
        { plugin, tenant: tenantId, reason: stopped.reason },
        'a plugin was stopped for a tenant; `tendril plugins resume` lets it go on',
      );
      const properties = { plugin, reason: stopped.reason, incidents: incidents.length };
      return {
        condition: { ...condition, incidents, stopped },
        event: { name: 'tendril.plugin.stopped', cause: `${plugin}/${at}`, properties, at },
      };
    });
  }

  /** What is kept and what is told of it are one commit. */
  async #change(
    tenantId: string,
    plugin: string,
    change: (condition: Condition) => { readonly condition: Condition; readonly event?: ConditionEvent } | undefined,
  ): Promise<void> {
    const { state } = await this.#options.tenants.open(tenantId);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const [row] = await state.get(CONDITIONS, [plugin]);
      const changed = change(row === undefined ? { plugin, incidents: [] } : toCondition(row.value));
      if (changed === undefined) return;
      const changes: Change[] = [{ op: 'put', table: CONDITIONS, value: fromCondition(changed.condition), expect: row?.version ?? 0 }];
      if (changed.event !== undefined) {
        const { name, cause, properties, at } = changed.event;
        changes.push({ op: 'emit', event: hubEvent({ name, cause, properties, occurredAt: at, isTest: false }) });
      }
      if ((await state.commit(changes)).ok) {
        this.#options.changed(tenantId);
        return;
      }
    }
    throw new TendrilError('CONFLICT', { plugin });
  }
}

interface ConditionEvent {
  readonly name: string;
  readonly cause: string;
  readonly properties: NonNullable<Parameters<typeof hubEvent>[0]['properties']>;
  readonly at: number;
}
