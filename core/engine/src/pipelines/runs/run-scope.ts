import type { JsonObject } from '@tendril/plugin-api';
import type { CompiledStep } from '../compiled.ts';
import { EMPTY_SCOPE } from '../../expressions/index.ts';
import type { Scope } from '../../expressions/index.ts';
import type { KeptError, PinnedEvent, RunRecord, StepRecord } from './records.ts';

/** The event as expressions see it: moments are Dates. */
export function eventView(event: PinnedEvent): object {
  return { ...event, occurredAt: new Date(event.occurredAt), receivedAt: new Date(event.receivedAt) };
}

/** What stands for the profile of an event without a person: conditions with `has` and `default` are then false. */
export const NO_PROFILE: JsonObject = Object.freeze({ id: '', traits: Object.freeze({}), identities: Object.freeze([]) });

const NOT_RUN = Object.freeze({ state: 'skipped' });

/** What the expressions of one run, or of one element of a loop, read; steps come and go as the run's journal says. */
export class RunScope implements Scope {
  readonly event: object;
  readonly events: readonly object[];
  readonly profile: object;
  readonly settings: JsonObject;
  readonly run: object;
  readonly input: object;
  readonly each: object;
  readonly arrived: object;
  // A Map, so that no id of a step can be taken for a property of objects.
  readonly steps: ReadonlyMap<string, object>;
  readonly #steps: Map<string, object>;

  private constructor(parts: Omit<Scope, 'steps'>, steps: Map<string, object>, ids: Iterable<string>) {
    this.event = parts.event;
    this.events = parts.events;
    this.profile = parts.profile;
    this.settings = parts.settings;
    this.run = parts.run;
    this.input = parts.input;
    this.each = parts.each;
    this.arrived = parts.arrived;
    this.#steps = steps;
    this.steps = steps;
    for (const id of ids) steps.set(id, NOT_RUN);
  }

  /** @param ids of all steps outside of loops: one that has not run reads as skipped */
  static ofRun(run: RunRecord, ids: Iterable<string>): RunScope {
    const parts = {
      ...EMPTY_SCOPE,
      event: run.event === undefined ? {} : eventView(run.event),
      events: (run.events ?? []).map(eventView),
      profile: run.profile ?? { ...NO_PROFILE, id: run.personId ?? '' },
      settings: run.settings,
      input: run.input ?? {},
      run: runView(run),
    };
    return new RunScope(parts, new Map(), ids);
  }

  /** The scope of one element of a loop. @param ids of the steps inside the loop */
  inside(each: object, ids: Iterable<string>): RunScope {
    // What has ended before the loop does not change while the loop runs.
    return new RunScope({ ...this.#parts(), each: { ...this.each, ...each } }, new Map(this.#steps), ids);
  }

  /** The same scope with one of its roots replaced. */
  with(parts: Partial<Omit<Scope, 'steps'>>): Scope {
    return { ...this.#parts(), ...parts, steps: this.steps };
  }

  /** The scope of the steps that are done when a run has failed. */
  afterFailure(error: KeptError): RunScope {
    return new RunScope({ ...this.#parts(), run: { ...this.run, error } }, this.#steps, []);
  }

  /** Takes up a step's record, or that it is gone. */
  see(id: string, record: StepRecord | undefined): void {
    if (record === undefined) {
      this.#steps.set(id, NOT_RUN);
      return;
    }
    const { state, output, error } = record;
    this.#steps.set(id, { state, ...(output === undefined ? {} : { output }), ...(error === undefined ? {} : { error }) });
  }

  #parts(): Omit<Scope, 'steps'> {
    const { event, events, profile, settings, run, input, each, arrived } = this;
    return { event, events, profile, settings, run, input, each, arrived };
  }
}

function runView(run: RunRecord): object {
  const { id, pipeline, version, startedAt, isTest } = run;
  return { id, pipeline, version, startedAt: new Date(startedAt), isTest };
}

/** The scopes of one run: its own, and one for each element of a loop that is being worked on. */
export class RunScopes {
  readonly root: RunScope;
  readonly #open = new Map<string, RunScope>();
  // What the journal knows of elements that are not being worked on yet.
  readonly #waiting = new Map<string, Map<string, StepRecord>>();
  readonly #places = new Map<string, { readonly base: string; readonly id: string }>();

  constructor(root: RunScope) {
    this.root = root;
    this.#open.set('', root);
  }

  /** Hears of each change of a step. Steps without an id cannot be read. */
  readonly see = (path: string, record: StepRecord | undefined): void => {
    const place = record === undefined ? this.#places.get(path) : placeOf(record);
    if (place === undefined) return;
    if (record === undefined) this.#places.delete(path);
    else this.#places.set(path, place);
    const scope = this.#open.get(place.base);
    if (scope !== undefined) {
      scope.see(place.id, record);
      return;
    }
    if (record !== undefined) this.#waitingAt(place.base).set(place.id, record);
  };

  /** Opens the scope of one element. @param base what stands in front of the paths of its steps */
  enter(outer: RunScope, base: string, each: object, ids: Iterable<string>): RunScope {
    const scope = outer.inside(each, ids);
    this.#open.set(base, scope);
    for (const [id, record] of this.#waiting.get(base) ?? []) scope.see(id, record);
    this.#waiting.delete(base);
    return scope;
  }

  /** Opens the scope of an element that was done before. @param records of its steps */
  enterAgain(outer: RunScope, base: string, each: object, ids: Iterable<string>, records: readonly StepRecord[]): RunScope {
    const open = this.#open.get(base);
    if (open !== undefined) return open;
    const scope = this.enter(outer, base, each, ids);
    for (const record of records) if (record.id !== undefined) scope.see(record.id, record);
    return scope;
  }

  /** Forgets the scope of an element that is done. */
  leave(base: string): void {
    this.#open.delete(base);
    this.#waiting.delete(base);
  }

  #waitingAt(base: string): Map<string, StepRecord> {
    const found = this.#waiting.get(base) ?? new Map<string, StepRecord>();
    this.#waiting.set(base, found);
    return found;
  }
}

function placeOf({ id, loop = '' }: StepRecord): { readonly base: string; readonly id: string } | undefined {
  return id === undefined ? undefined : { base: loop, id };
}

const idsByList = new WeakMap<readonly CompiledStep[], readonly string[]>();

/** The ids of the steps in a list and in the blocks inside it, but for what is inside loops; made once for a version. */
export function idsOf(steps: readonly CompiledStep[]): readonly string[] {
  const known = idsByList.get(steps);
  if (known !== undefined) return known;
  const ids = steps.flatMap((step) => [...(step.id === undefined ? [] : [step.id]), ...listsInside(step).flatMap(idsOf)]);
  idsByList.set(steps, ids);
  return ids;
}

/** The lists of steps inside a step, but for the body of a loop: that has paths and a scope of its own. */
export function listsInside(step: CompiledStep): readonly (readonly CompiledStep[])[] {
  const handlers = [...(step.onError?.values() ?? []), step.onTimeout ?? [], step.compensate ?? []];
  if (step.kind === 'if') return [step.then, step.else, ...handlers];
  if (step.kind === 'switch') return [...step.cases.values(), step.default, ...handlers];
  return step.kind === 'parallel' ? [...step.branches.values(), ...handlers] : handlers;
}
