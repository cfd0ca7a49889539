import type { JsonObject } from '@tendril/plugin-api';
import type { PipelineFault } from '../../hub.ts';
import { nearestName } from '../../nearest-name.ts';
import { BLOCK_MEMBERS, blocksOf, kindOf, NAMED_BLOCK_MEMBERS, STEP_KINDS, TRIGGER_KINDS, triggerKindOf } from '../definition.ts';
import type { Definition, StepDefinition } from '../definition.ts';
import type { PipelineSource, Place } from '../source.ts';
import { toFaults } from './shape-faults.ts';
import { loadShapes } from './shape-schemas.ts';
import type { Form, Shape } from './shape-schemas.ts';

const MAX_STEPS = 1_000;
const MAX_DEPTH = 20;
const KINDS_IN_WORDS = '`action`, `if`, `switch`, `parallel`, `forEach`, `wait`, `approve`, `call`, `emit`, `set`, `stop`, `fail`';

/** What checking the shape came to. */
export interface ShapeResult {
  readonly faults: readonly PipelineFault[];
  /**
   * The pipeline without what has no right shape: a step that has not is left with its id and the steps inside it.
   * `undefined` when there is no telling what is meant.
   */
  readonly sound: Definition | undefined;
  /** Members of the pipeline that were left out. */
  readonly leftOut: ReadonlySet<string>;
  /** A step was left without a name: what refers to it cannot be judged. */
  readonly hasNamelessSteps: boolean;
}

/** Checks the shape of a pipeline: keys, types, durations, sizes. Without faults it is a `Definition`. */
export function checkShape(source: PipelineSource): ShapeResult {
  return new ShapeCheck(source).check();
}

class ShapeCheck {
  readonly #source: PipelineSource;
  readonly #faults: PipelineFault[] = [];
  readonly #leftOut = new Set<string>();
  #steps = 0;
  #isTooDeep = false;
  #hasNamelessSteps = false;

  constructor(source: PipelineSource) {
    this.#source = source;
  }

  check(): ShapeResult {
    const { data } = this.#source;
    this.#judge(loadShapes().pipeline, data, []);
    for (const { pointer } of this.#faults) this.#leftOut.add(pointer.split('/')[1] ?? '');
    const trigger = this.#checkTrigger(data['trigger']);
    const steps = this.#checkSteps(data['steps'], ['steps'], 1);
    const onError = this.#checkSteps(data['onError'], ['onError'], 1);
    if (this.#steps > MAX_STEPS)
      this.#tell(`There are ${String(this.#steps)} steps; a pipeline has at most ${String(MAX_STEPS)}.`, ['steps']);
    const sound = {
      ...Object.fromEntries(Object.entries(data).filter(([name]) => !this.#leftOut.has(name))),
      trigger,
      steps,
      ...(onError.length === 0 ? {} : { onError }),
    };
    return {
      faults: this.#faults,
      // Sound as far as it goes: each part of it has passed its schema.
      sound: this.#isTooDeep || this.#steps > MAX_STEPS ? undefined : (sound as unknown as Definition),
      leftOut: this.#leftOut,
      hasNamelessSteps: this.#hasNamelessSteps,
    };
  }

  #tell(message: string, place: Place, options?: { readonly at: 'key'; readonly suggestion?: string | undefined }): void {
    this.#faults.push(this.#source.fault('PIPELINE_INVALID', message, place, options));
  }

  /** @returns whether it has the shape */
  #judge({ validate, names }: Shape, value: JsonObject | string, place: Place): boolean {
    if (validate(value)) return true;
    this.#faults.push(...toFaults({ source: this.#source, place, value, names }, validate.errors ?? []));
    return false;
  }

  #checkTrigger(trigger: unknown): JsonObject {
    if (!isObject(trigger)) return {};
    const told = this.#faults.length;
    const kinds = TRIGGER_KINDS.filter((name) => name in trigger);
    const other = kinds[1];
    if (other !== undefined)
      this.#tell(`A trigger is one thing: this one has \`${kinds[0] ?? ''}\` and \`${other}\`.`, ['trigger', other], { at: 'key' });
    else {
      const kind = triggerKindOf(trigger) ?? this.#meantTrigger(trigger);
      if (kind !== undefined) this.#judge(loadShapes().triggers[kind], trigger, ['trigger']);
      const { schedule } = trigger;
      if (isObject(schedule)) this.#judge(loadShapes().forms.schedule, schedule, ['trigger', 'schedule']);
    }
    if (this.#faults.length === told) return trigger;
    this.#leftOut.add('trigger');
    return {};
  }

  #meantTrigger(trigger: JsonObject): (typeof TRIGGER_KINDS)[number] | undefined {
    for (const key of Object.keys(trigger)) {
      const meant = TRIGGER_KINDS.find((kind) => kind === nearestName(key, TRIGGER_KINDS));
      if (meant !== undefined) return meant;
    }
    this.#tell(`Nothing starts the pipeline: it needs one of ${TRIGGER_KINDS.map((kind) => `\`${kind}\``).join(', ')}.`, ['trigger']);
    return undefined;
  }

  /** @returns the steps without what has no right shape */
  #checkSteps(steps: unknown, place: Place, depth: number): readonly StepDefinition[] {
    if (!Array.isArray(steps)) return [];
    if (depth > MAX_DEPTH) {
      this.#isTooDeep = true;
      this.#tell(`Steps are nested more than ${String(MAX_DEPTH)} deep.`, place);
      return [];
    }
    this.#steps += steps.length;
    return (steps as readonly unknown[]).map((step, index) => this.#checkStep(step, [...place, index], depth));
  }

  #checkStep(step: unknown, place: Place, depth: number): StepDefinition {
    if (!isObject(step)) {
      this.#hasNamelessSteps = true;
      return {};
    }
    const isSound = this.#hasShape(step, place);
    const blocks = blocksOf(blocksOnly(step)).map((block) => ({
      place: block.place,
      steps: this.#checkSteps(block.steps, [...place, ...block.place], depth + 1),
    }));
    const { id, as: name } = step;
    if (isSound) return withBlocks(step, blocks);
    if (typeof id !== 'string') this.#hasNamelessSteps = true;
    const rest = { ...(typeof id === 'string' ? { id } : {}), ...(typeof name === 'string' ? { as: name } : {}) };
    return withBlocks({ ...rest, ...blocksOnly(step) }, blocks);
  }

  #hasShape(step: JsonObject, place: Place): boolean {
    const kind = kindOf(step);
    if (kind === undefined) {
      this.#tellUnknownKind(step, place);
      return false;
    }
    const other = STEP_KINDS.find((name) => name !== kind && name in step && name !== 'if');
    if (other !== undefined) {
      this.#tell(`A step does one thing: this one has \`${kind}\` and \`${other}\`.`, [...place, other], { at: 'key' });
      return false;
    }
    if (kind === 'if' && !('then' in step)) {
      this.#tellMissingThen(step, place);
      return false;
    }
    const isSound = this.#judge(loadShapes().steps[kind], step, place);
    return this.#hasForm(step, place) && isSound;
  }

  /** Judges what a step does by the form that it has. */
  #hasForm({ wait, forEach }: JsonObject, place: Place): boolean {
    if (typeof wait === 'string') return /^\$\{\{[\s\S]*\}\}$/.test(wait) || this.#judge(loadShapes().duration, wait, [...place, 'wait']);
    if (isObject(wait)) return this.#isWait(wait, [...place, 'wait']);
    if (typeof forEach === 'string') return this.#isList(forEach, [...place, 'forEach']);
    return !isObject(forEach) || this.#judge(loadShapes().forms.pages, forEach, [...place, 'forEach']);
  }

  #isList(text: string, place: Place): boolean {
    if (/^\$\{\{[\s\S]*\}\}$/.test(text)) return true;
    this.#tell(`\`${text.slice(0, 60)}\` is not a list: write \`forEach: \${{ event.properties.items }}\`.`, place);
    return false;
  }

  #isWait(wait: JsonObject, place: Place): boolean {
    const forms = ['until', 'at', 'event'] as const satisfies readonly Form[];
    const [form, other] = forms.filter((name) => name in wait);
    if (form !== undefined && other !== undefined) {
      this.#tell(`A wait is for one thing: this one has \`${form}\` and \`${other}\`.`, [...place, other], { at: 'key' });
      return false;
    }
    if (form !== undefined) return this.#judge(loadShapes().forms[form], wait, place);
    const misspelled = Object.keys(wait).find((key) => nearestName(key, forms) !== undefined);
    if (misspelled === undefined)
      this.#tell(
        `\`${JSON.stringify(wait).slice(0, 60)}\` is not something to wait for: write \`wait: 3d\`, \`wait: { until: 2030-01-31T09:00:00Z }\`, \`wait: { at: "09:00" }\` or \`wait: { event: Email Opened }\`.`,
        place,
      );
    else
      this.#tell(`There is no key \`${misspelled}\` here.`, [...place, misspelled], {
        at: 'key',
        suggestion: nearestName(misspelled, forms),
      });
    return false;
  }

  #tellMissingThen(step: JsonObject, place: Place): void {
    const { names } = loadShapes().steps.if;
    const unknown = Object.keys(step).filter((name) => !names.includes(name));
    const meant = nearestName('then', unknown);
    if (meant !== undefined) this.#tell(`There is no key \`${meant}\` here.`, [...place, meant], { at: 'key', suggestion: 'then' });
    else
      this.#tell('The condition decides about nothing: add `then:` with steps, or `action:` to guard an action.', [...place, 'if'], {
        at: 'key',
      });
  }

  #tellUnknownKind(step: JsonObject, place: Place): void {
    const { names } = loadShapes().steps.action;
    const unknown = Object.keys(step).find((key) => !names.includes(key));
    if (unknown === undefined) this.#tell(`The step does nothing: it needs one of ${KINDS_IN_WORDS}.`, place);
    else
      this.#tell(`There is no key \`${unknown}\` here.`, [...place, unknown], { at: 'key', suggestion: nearestName(unknown, STEP_KINDS) });
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The step with only those blocks that really are lists: the others have been found by the schema. */
function blocksOnly(step: JsonObject): StepDefinition {
  const isBlocks = (value: unknown): boolean => isObject(value) && Object.values(value).every((member) => Array.isArray(member));
  const kept = Object.entries(step).filter(([name, value]) => {
    if (BLOCK_MEMBERS.some((member) => member === name)) return Array.isArray(value);
    if (NAMED_BLOCK_MEMBERS.some((member) => member === name)) return isBlocks(value);
    return name === 'onError' && (Array.isArray(value) || isBlocks(value));
  });
  return Object.fromEntries(kept);
}

interface SoundBlock {
  readonly place: readonly string[];
  readonly steps: readonly StepDefinition[];
}

/** The step with its blocks replaced. */
function withBlocks(step: StepDefinition, blocks: readonly SoundBlock[]): StepDefinition {
  const replaced: Record<string, unknown> = { ...step };
  for (const { place, steps } of blocks) {
    const [member = '', name] = place;
    if (name === undefined) replaced[member] = steps;
    else replaced[member] = { ...(replaced[member] as object), [name]: steps };
  }
  return replaced;
}
