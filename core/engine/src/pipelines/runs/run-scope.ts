import type { JsonObject } from '@tendril/plugin-api';
import { EMPTY_SCOPE } from '../expressions/expression.ts';
import type { Scope } from '../expressions/expression.ts';
import type { PinnedEvent, RunRecord, StepRecord } from './records.ts';

/** The event as expressions see it: moments are Dates. */
export function eventView(event: PinnedEvent): object {
  return { ...event, occurredAt: new Date(event.occurredAt), receivedAt: new Date(event.receivedAt) };
}

/** What stands for the profile of an event without a person: conditions with `has` and `default` are then false. */
export const NO_PROFILE: JsonObject = Object.freeze({ id: '', traits: Object.freeze({}), identities: Object.freeze([]) });

const NOT_RUN = Object.freeze({ state: 'skipped' });

/** What the expressions of one run read; steps come and go as the run's journal says. */
export class RunScope implements Scope {
  readonly event: object;
  readonly profile: object;
  readonly settings: JsonObject;
  readonly run: object;
  readonly events: Scope['events'] = EMPTY_SCOPE.events;
  readonly input = EMPTY_SCOPE.input;
  readonly each = EMPTY_SCOPE.each;
  readonly arrived = EMPTY_SCOPE.arrived;
  // A Map, so that no id of a step can be taken for a property of objects.
  readonly steps = new Map<string, object>();

  /** @param ids of all steps: one that has not run reads as skipped */
  constructor(run: RunRecord, ids: Iterable<string>) {
    for (const id of ids) this.steps.set(id, NOT_RUN);
    this.event = run.event === undefined ? {} : eventView(run.event);
    this.profile = run.profile ?? { ...NO_PROFILE, id: run.personId ?? '' };
    this.settings = run.settings;
    this.run = { id: run.id, pipeline: run.pipeline, version: run.version, startedAt: new Date(run.startedAt), isTest: run.isTest };
  }

  /** Takes up a step's record, or that it is gone. Steps without an id cannot be read. */
  see(id: string | undefined, record: StepRecord | undefined): void {
    if (id === undefined) return;
    if (record === undefined) {
      this.steps.set(id, NOT_RUN);
      return;
    }
    const { state, output, error } = record;
    this.steps.set(id, { state, ...(output === undefined ? {} : { output }), ...(error === undefined ? {} : { error }) });
  }
}
