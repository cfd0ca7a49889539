import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { AgentDecision, AgentObservation, Clock } from '@tendril/plugin-api';
import type { Agent } from '@tendril/schemas';
import { dayIn } from '../../calendar.ts';
import type { AgentInfo } from '../../hub.ts';
import type { JobWorker, Lease } from '../../jobs/index.ts';
import type { OpenTenant, TenantOpener } from '../../tenants/index.ts';
import type { LoadedAction, LoadedPlugin } from '../contract.ts';
import { durationMs } from '../duration.ts';
import { compileNamePatterns } from '../name-patterns.ts';
import type { RunForTenant } from '../plugin-consumers.ts';
import { AgentBounds, remainingOf } from './agent-bounds.ts';
import { AGENTS, fromAgent, readAgent } from './agents-table.ts';
import type { AgentRecord } from './agents-table.ts';
import { recordDecisions } from './decisions.ts';
import { readEvents } from './read-events.ts';

/** Jobs of this kind are ticks of agents. */
export const AGENT_JOB = 'plugins.agent';

const PRIORITY = 6;
/** An agent that is buried would stay so: it is tried again, ever more slowly, until it works. */
const ATTEMPTS = Infinity;
const TIMEOUT_MS = 300_000;

/** What agents need of the host. */
export interface AgentOptions {
  readonly tenants: TenantOpener;
  readonly clock: Clock;
  readonly plugins: () => ReadonlyMap<string, LoadedPlugin>;
  /** By name or capability. */
  readonly actionsOf: (name: string) => readonly LoadedAction[];
  readonly enabled: (tenantId: string) => Promise<ReadonlySet<string>>;
  /** As it is in the store, before an agent is forgotten. */
  readonly enabledNow: (tenantId: string) => Promise<ReadonlySet<string>>;
  readonly runForTenant: RunForTenant;
}

/** Agents of plugins: one job per tenant and agent; cursor, changes and decisions of a tick commit together. */
export interface PluginAgents {
  register(worker: JobWorker): void;
  /** Sees to it that a job is there for each agent of the enabled plugins; safe to repeat. What happened before is not for it. */
  plan(tenantId: string): Promise<void>;
  list(tenantId: string): Promise<readonly AgentInfo[]>;
  /** Makes the next tick due now. @throws TendrilError NOT_FOUND */
  tick(tenantId: string, name: string): Promise<void>;
}

interface Found {
  readonly name: string;
  readonly id: string;
  readonly plugin: LoadedPlugin;
  readonly agent: Agent;
}

/** @returns agents that tick once they are registered with a worker */
export function createPluginAgents(options: AgentOptions): PluginAgents {
  const { tenants, clock, plugins, actionsOf, enabled, enabledNow, runForTenant } = options;

  async function ofTenant(tenantId: string, look = enabled): Promise<readonly Found[]> {
    const ids = await look(tenantId);
    return [...plugins().values()].filter(({ id }) => ids.has(id)).flatMap(agentsOf);
  }

  async function plan(tenantId: string): Promise<void> {
    const agents = await ofTenant(tenantId);
    if (agents.length === 0) return;
    const tenant = await tenants.open(tenantId);
    for (const { name, id, plugin, agent } of agents) {
      const { record } = await readAgent(tenant.state, name);
      if (record !== undefined) continue;
      const now = clock.now();
      const fresh = freshRecord(name, await tenant.log.head(), dayIn(tenant.tenant.timeZone, now));
      const dueAt = now + durationMs(agent.every);
      const payload = { plugin: plugin.id, id, dueAt };
      // Who comes second finds the row of the first.
      await tenant.state.commit([
        { op: 'put', table: AGENTS, value: fromAgent(fresh), expect: 0 },
        {
          op: 'job',
          ifAbsent: true,
          job: { id: jobIdOf(name), kind: AGENT_JOB, priority: PRIORITY, dueAt, payload },
        },
      ]);
    }
  }

  async function run(lease: Lease): Promise<void> {
    const { tenantId, payload, id: jobId, fence } = lease.claim;
    const tenant = await tenants.open(tenantId);
    const { plugin: pluginId, id: agentId } = payload as { readonly plugin: string; readonly id: string };
    const isMeant = ({ plugin, id }: Found): boolean => plugin.id === pluginId && id === agentId;
    const found = (await ofTenant(tenantId)).find(isMeant) ?? (await ofTenant(tenantId, enabledNow)).find(isMeant);
    if (found === undefined) {
      // What happens until it is enabled again is not for it.
      await tenant.state.commit([
        { op: 'finish', jobId, fence },
        { op: 'delete', table: AGENTS, key: `${pluginId}.${agentId}` },
      ]);
      return;
    }
    await tick(found, tenant, lease);
  }

  async function tick({ name, id, plugin, agent }: Found, tenant: OpenTenant, { claim, signal }: Lease): Promise<void> {
    const { tenantId, payload, fence } = claim;
    const { tenant: info, state, log } = tenant;
    const now = clock.now();
    const { record, version } = await readAgent(state, name);
    const known = record ?? freshRecord(name, await log.head(), '');
    const today = startOfDay(known, dayIn(info.timeZone, now));
    const bounds = new AgentBounds({ name, agent, state, job: { jobId: claim.id, fence }, record: today, version, actionsOf });
    const wanted = compileNamePatterns(agent.events ?? []);
    const seen = await readEvents(log, today.cursor, (event) => wanted(event) && plugin.mayRead(event));
    // A due time is what the job carries; retries of one keep it and so the key.
    const dueAt = typeof payload['dueAt'] === 'number' ? payload['dueAt'] : 0;
    const key = hash('sha256', `${tenantId}/${name}/${dueAt}/${today.cursor}`, 'hex').slice(0, 48);
    const hops = seen.events.length === 0 ? undefined : Math.max(...seen.events.map((event) => event.hops));
    const observation: AgentObservation = {
      events: seen.events,
      hasMore: seen.hasMore,
      ...(today.lastTickAt !== undefined && { lastTickAt: today.lastTickAt }),
      remaining: bounds.remaining(),
    };
    const { output, changes } = await runForTenant<readonly AgentDecision[]>(
      tenantId,
      {
        plugin,
        handler: `agent ${id}`,
        // A tick that is cut off is done again: it calls nothing that may not be repeated.
        ceiling: { effect: 'spend', idempotency: 'key' },
        isTest: false,
        idempotencyKey: key,
        attempt: claim.attempts + 1,
        timeoutMs: TIMEOUT_MS,
        signal,
        bounds,
        ...(hops !== undefined && { hops, events: seen.events }),
      },
      async (runner, call) => {
        const handler = runner.agent(id);
        if (handler === undefined)
          throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: plugin.id, missing: [`agent ${id}`] });
        return handler(observation, call);
      },
    );
    const decisions = recordDecisions(output, { plugin: plugin.id, agent: name, key, now, hops });
    const next = seen.hasMore ? now : now + durationMs(agent.every);
    const result = await state.commit([
      ...changes,
      ...decisions,
      {
        op: 'put',
        table: AGENTS,
        value: fromAgent({ ...bounds.record, cursor: seen.cursor, lastTickAt: now, counted: [] }),
        expect: bounds.version,
      },
      { op: 'reschedule', jobId: claim.id, fence, dueAt: next, attempts: 0, payload: { ...payload, dueAt: next } },
    ]);
    if (!result.ok) throw new TendrilError(result.reason === 'fence' ? 'LEASE_LOST' : 'CONFLICT', { job: claim.id });
  }

  return {
    plan,
    register: (worker) => worker.register(AGENT_JOB, run, { concurrency: 2, attempts: ATTEMPTS }),
    list: async (tenantId) => {
      const { state, tenant } = await tenants.open(tenantId);
      const agents = await ofTenant(tenantId);
      const rows = await state.get(
        AGENTS,
        agents.map(({ name }) => name),
      );
      const day = dayIn(tenant.timeZone, clock.now());
      return agents.map((found, index) => describe(found, rows[index]?.value as AgentRecord | undefined, day));
    },
    tick: async (tenantId, name) => {
      if (!(await ofTenant(tenantId)).some((agent) => agent.name === name)) throw new TendrilError('NOT_FOUND', { agent: name });
      await plan(tenantId);
      const { state } = await tenants.open(tenantId);
      await state.commit([{ op: 'wake', jobId: jobIdOf(name), dueAt: clock.now() }]);
    },
  };
}

function agentsOf(plugin: LoadedPlugin): readonly Found[] {
  return Object.entries(plugin.manifest.contributes.agents ?? {}).map(([id, agent]) => ({ name: `${plugin.id}.${id}`, id, plugin, agent }));
}

function describe({ name, plugin, agent }: Found, record: AgentRecord | undefined, day: string): AgentInfo {
  const today = startOfDay(record ?? freshRecord(name, 0, day), day);
  return {
    name,
    plugin: plugin.id,
    title: agent.title,
    role: agent.role,
    everyMs: durationMs(agent.every),
    actions: agent.actions,
    approval: agent.approval ?? [],
    ...(today.lastTickAt !== undefined && { lastTickAt: today.lastTickAt }),
    remaining: remainingOf(agent, today),
  };
}

function freshRecord(id: string, cursor: number, day: string): AgentRecord {
  return { id, cursor, day, sends: 0, spendCents: 0, calls: 0, counted: [] };
}

/** What was used up counts for its day only. */
function startOfDay(record: AgentRecord, day: string): AgentRecord {
  return record.day === day ? record : { ...record, day, sends: 0, spendCents: 0, calls: 0 };
}

function jobIdOf(name: string): string {
  return `agent:${name}`;
}
