import { TendrilError } from '@tendril/plugin-api';
import type { Changes, EmittedEvent, Expectation, JsonObject } from '@tendril/plugin-api';
import { hubEvent } from '../events/index.ts';
import type { Change, NewEvent, TableSpec } from '../ports.ts';
import { outside } from './broker/egress-scope.ts';
import { EventCauses } from './event-causes.ts';
import { GatheredRow } from './gathered-row.ts';
import { plainJson } from './plain-json.ts';
import { rowText } from './row-text.ts';
import { EVENT_LIMITS, ROW_LIMITS } from './run-limits.ts';
import type { RunningCall } from './running-call.ts';

/** `call.changes`: the changeset of one handler run, as the store will take it. */
export class GatheredChanges implements Changes {
  readonly #call: RunningCall;
  readonly #emitted = new Set<string>();
  #causes: EventCauses | undefined;

  constructor(call: RunningCall) {
    this.#call = call;
  }

  put(table: string, value: object, expect?: Expectation): void {
    const spec = this.#spec(table);
    const { plugin } = this.#call.run;
    const row = rowText(value, ROW_LIMITS);
    const problems = 'problem' in row ? [row.problem] : (plugin.schemas.tables.get(table)?.validate(row.value) ?? []);
    if (problems.length > 0 || 'problem' in row) throw new TendrilError('INPUT_INVALID', { plugin: plugin.id, table, problems });
    this.#call.limits.use('changes');
    this.#call.limits.use('changeBytes', row.sizeBytes);
    this.#call.changes.push(new GatheredRow(spec, row.value as JsonObject, row.json, expect === undefined ? undefined : versionOf(expect)));
  }

  delete(table: string, key: string, expect?: Expectation): void {
    this.#call.limits.use('changes');
    this.#call.changes.push({ op: 'delete', table: this.#spec(table), key, ...(expect !== undefined && { expect: versionOf(expect) }) });
  }

  emit(given: EmittedEvent): void {
    this.#call.assertAlive();
    const { plugin } = this.#call.run;
    const copy = plainJson(given, EVENT_LIMITS);
    if ('problem' in copy) throw new TendrilError('INPUT_INVALID', { plugin: plugin.id, problems: [copy.problem] });
    const event = copy.value as unknown as EmittedEvent;
    const { name, discriminator = '' } = event;
    if (!plugin.mayWrite(name)) throw this.#call.refused('event', name);
    const mark = JSON.stringify([name, discriminator]);
    if (this.#emitted.has(mark)) {
      const reason = 'the run has emitted such an event already';
      throw new TendrilError('INPUT_INVALID', { plugin: plugin.id, event: name, field: 'discriminator', reason });
    }
    this.#call.limits.use('events');
    this.#call.limits.use('changeBytes', copy.sizeBytes);
    this.#emitted.add(mark);
    this.#call.changes.push({ op: 'emit', event: this.#toEvent(event) });
  }

  async flush(): Promise<void> {
    this.#call.assertAlive();
    const { run } = this.#call;
    if (run.events !== undefined) throw this.#call.refused('member', 'changes.flush');
    const changes: readonly Change[] = this.#call.changes.splice(0);
    this.#call.limits.flushed();
    if (changes.length === 0) return;
    const result = await outside(() => run.tenant.state.commit(changes));
    if (!result.ok) throw new TendrilError('CONFLICT', { plugin: run.plugin.id, handler: run.handler, reason: result.reason });
  }

  #spec(table: string): TableSpec {
    this.#call.assertAlive();
    const spec = this.#call.run.plugin.tables.get(table);
    if (spec === undefined) throw this.#call.refused('table', table);
    return spec;
  }

  #toEvent(event: EmittedEvent): NewEvent {
    const { run, environment } = this.#call;
    if (run.events !== undefined) this.#causes ??= new EventCauses(run.events);
    const { isTest, hops, causedBy, requestId } = { ...run, ...this.#causes?.of(event) };
    return hubEvent({
      ...event,
      cause: `${run.plugin.id}/${run.handler}/${run.idempotencyKey}`,
      occurredAt: environment.clock.now(),
      isTest,
      ...(causedBy !== undefined && { causedBy }),
      ...(hops !== undefined && { causeHops: hops }),
      ...(requestId !== undefined && { requestId }),
    });
  }
}

/** Rows have versions from 1 on. */
function versionOf(expect: Expectation): number {
  return expect === 'absent' ? 0 : expect;
}
