import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { EventAccess, EventRange, EventStretch, JsonObject, LoggedEvent, Page, StartedPipeline, TakenIn } from '@tendril/plugin-api';
import { callName, decodeEvent } from '../events/index.ts';
import { outside } from './broker/egress-scope.ts';
import type { RunningCall } from './running-call.ts';

const LIMIT = 100;
const MOST = 1_000;
// Events that may not be read are passed over; this bounds how many.
const MOST_PAGES = 10;
const STRETCH = 500;
const MOST_OF_STRETCH = 2_000;
const MOST_CALLS = 1_000;

/** `call.events`: the log of one tenant, through the plugin's permission. */
export class PluginEvents implements EventAccess {
  readonly #call: RunningCall;

  constructor(call: RunningCall) {
    this.#call = call;
  }

  async ofPerson(
    identities: readonly string[],
    options: { readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<Page<LoggedEvent>> {
    this.#assertReads();
    const { plugin, tenant } = this.#call.run;
    const limit = checked(options.limit ?? LIMIT, 1, MOST, 'limit');
    let before = options.cursor === undefined ? undefined : checked(Number(options.cursor), 1, Number.MAX_SAFE_INTEGER, 'cursor');
    const items: LoggedEvent[] = [];
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const wanted = limit - items.length;
      const from = before;
      const stored = await outside(() => tenant.log.readPerson(identities, wanted, from));
      items.push(...stored.map(decodeEvent).filter((event) => plugin.mayRead(event.name)));
      const last = stored.at(-1);
      if (last === undefined || stored.length < wanted) return { items };
      before = last.position;
      if (items.length >= limit) break;
    }
    return { items, nextCursor: String(before) };
  }

  async read(range: EventRange = {}): Promise<EventStretch> {
    this.#assertReads();
    const { plugin, tenant } = this.#call.run;
    const after = checked(range.after ?? 0, 0, Number.MAX_SAFE_INTEGER, 'after');
    const upTo = checked(range.upTo ?? Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER, 'upTo');
    const limit = checked(range.limit ?? STRETCH, 1, MOST_OF_STRETCH, 'limit');
    if (after >= upTo) return { items: [], position: after, isEnd: true };
    const names = range.names === undefined ? undefined : new Set(range.names);
    const stored = await outside(() => tenant.log.read(after, limit));
    const within = stored.filter(({ position }) => position <= upTo);
    const items = within.map(decodeEvent).filter(({ name }) => plugin.mayRead(name) && names?.has(name) !== false);
    const position = within.at(-1)?.position ?? after;
    const isEnd =
      position >= upTo || within.length < stored.length || stored.length === 0 || position >= (await outside(() => tenant.log.head()));
    return { items, position, isEnd };
  }

  async head(): Promise<number> {
    this.#assertReads();
    return outside(() => this.#call.run.tenant.log.head());
  }

  async ingest(calls: readonly JsonObject[], options: { readonly isImport?: boolean } = {}): Promise<readonly TakenIn[]> {
    this.#call.assertAlive();
    const { run, environment } = this.#call;
    const { takeIn } = environment;
    if (run.ceiling.effect === 'read' || takeIn === undefined) throw this.#call.refused('events', 'ingest');
    checked(calls.length, 0, MOST_CALLS, 'calls');
    for (const [index, call] of calls.entries()) {
      if (typeof call['messageId'] !== 'string' || call['messageId'] === '')
        throw new TendrilError('INPUT_INVALID', { plugin: run.plugin.id, pointer: `/${String(index)}/messageId`, reason: 'is missing' });
      const name = callName(call);
      if (name !== undefined && !run.plugin.mayWrite(name)) throw this.#call.refused('event', name);
    }
    if (calls.length === 0) return [];
    const requestId = run.requestId ?? hash('sha256', `${run.plugin.id}/${run.idempotencyKey}`, 'hex').slice(0, 24);
    const batch = { plugin: run.plugin.id, calls, isTest: run.isTest, isImport: options.isImport === true, requestId };
    return outside(() => takeIn(run.tenant.tenant.id, batch));
  }

  async pipelinesStartedBy(name: string): Promise<readonly StartedPipeline[]> {
    this.#call.assertAlive();
    const { run, environment } = this.#call;
    if (!run.plugin.mayWrite(name)) throw this.#call.refused('event', name);
    return outside(async () => environment.startedPipelines?.(run.tenant.tenant.id, name, run.isTest) ?? []);
  }

  #assertReads(): void {
    this.#call.assertAlive();
    if (this.#call.run.plugin.manifest.permissions?.events?.read === undefined) throw this.#call.refused('events', 'read');
  }
}

function checked(value: number, least: number, most: number, field: string): number {
  if (!Number.isInteger(value) || value < least || value > most) throw new TendrilError('INPUT_INVALID', { field, least, most });
  return value;
}
