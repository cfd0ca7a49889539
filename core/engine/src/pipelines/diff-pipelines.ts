import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '@tendril/plugin-api';
import { blocksOf, kindOf } from './definition.ts';
import type { Definition, StepDefinition } from './definition.ts';

/** What a difference is about. */
export type DiffSubject = 'trigger' | 'settings' | 'flow' | 'input' | 'output' | 'step' | 'handler' | 'text';

/** A member that has another value. */
export interface MemberChange {
  readonly name: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** One difference of two versions. */
export interface PipelineChange {
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  readonly subject: DiffSubject;
  /** Of a step: where it stands in the newer version, or stood in the older one: `1.then.0`; of others the name of the member. */
  readonly path: string;
  /** Of a step that stood elsewhere. */
  readonly from?: string;
  readonly id?: string;
  /** Of a step: what it does, `action crm.create`. */
  readonly what?: string;
  readonly members: readonly MemberChange[];
}

/** How two versions of a pipeline differ in what they do. */
export interface PipelineDiff {
  readonly changes: readonly PipelineChange[];
  /** What it means, in sentences. */
  readonly consequences: readonly string[];
}

const SUBJECTS: Readonly<Record<string, DiffSubject>> = {
  trigger: 'trigger',
  settings: 'settings',
  input: 'input',
  output: 'output',
  title: 'text',
  description: 'text',
};
const STEP_LISTS = ['steps', 'onError'] as const;
const NOT_COMPARED: readonly string[] = ['$schema', 'pipeline', ...STEP_LISTS];

/**
 * Compares what two versions of a pipeline do: layout, comments and the order of keys make no difference.
 *
 * @param versions their numbers, where they have some
 */
export function diffPipelines(
  before: Definition,
  after: Definition,
  versions: { readonly before?: number; readonly after?: number } = {},
): PipelineDiff {
  const changes = [...diffMembers(before, after), ...diffSteps(before, after)];
  return { changes, consequences: changes.length === 0 ? [] : consequencesOf(changes, before, after, versions) };
}

function diffMembers(before: Definition, after: Definition): readonly PipelineChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)].filter((name) => !NOT_COMPARED.includes(name)));
  return [...names].flatMap((path): readonly PipelineChange[] => {
    const [left, right] = [valueOf(before, path), valueOf(after, path)];
    if (isDeepStrictEqual(left, right)) return [];
    const kind = left === undefined ? 'added' : right === undefined ? 'removed' : 'changed';
    const isTrigger = path === 'trigger' || path === 'settings' || path === 'input' || path === 'output';
    const members = isObject(left) && isObject(right) && isTrigger ? membersOf(left, right) : [member(path, left, right)];
    return [{ kind, subject: SUBJECTS[path] ?? 'flow', path, members }];
  });
}

function valueOf(definition: Definition | StepDefinition, name: string): Json | undefined {
  return (definition as Readonly<Record<string, Json | undefined>>)[name];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(before: JsonObject, after: JsonObject): readonly MemberChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => (isDeepStrictEqual(before[name], after[name]) ? [] : [member(name, before[name], after[name])]));
}

function member(name: string, before: Json | undefined, after: Json | undefined): MemberChange {
  return { name, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

/** A step with its place. */
interface Placed {
  readonly step: StepDefinition;
  readonly path: string;
  readonly subject: 'step' | 'handler';
}

function diffSteps(before: Definition, after: Definition): readonly PipelineChange[] {
  const pairs = new StepPairs();
  for (const list of STEP_LISTS) {
    const [prefix, subject] = list === 'steps' ? (['', 'step'] as const) : (['onError.', 'handler'] as const);
    pairs.align(placed(before[list] ?? [], prefix, subject), placed(after[list] ?? [], prefix, subject));
  }
  return pairs.changes();
}

function placed(steps: readonly StepDefinition[], prefix: string, subject: Placed['subject']): readonly Placed[] {
  return steps.map((step, index) => ({ step, path: `${prefix}${String(index)}`, subject }));
}

/** Finds out which step of one version is which of the other: by id wherever it stands, else by its turn in the same list. */
class StepPairs {
  readonly #changes: PipelineChange[] = [];
  readonly #gone: Placed[] = [];
  readonly #come: Placed[] = [];

  align(before: readonly Placed[], after: readonly Placed[]): void {
    const kept = commonOf(before.map(signatureOf), after.map(signatureOf));
    const [left, right] = [new Set(kept.map(([index]) => index)), new Set(kept.map(([, index]) => index))];
    this.#gone.push(...before.filter((_, index) => !left.has(index)));
    this.#come.push(...after.filter((_, index) => !right.has(index)));
    for (const [one, other] of kept) {
      const [old, fresh] = [before[one], after[other]];
      if (old !== undefined && fresh !== undefined) this.#compare(old, fresh, false);
    }
  }

  changes(): readonly PipelineChange[] {
    // A step that has an id, or says just the same, has been moved; comparing it may bring up more.
    for (let gone = this.#gone.shift(); gone !== undefined; gone = this.#gone.shift()) {
      const old = gone;
      const index = this.#come.findIndex(({ step }) => isSame(old.step, step));
      const [fresh] = index === -1 ? [] : this.#come.splice(index, 1);
      if (fresh === undefined) this.#tell('removed', old, []);
      else this.#compare(old, fresh, true);
    }
    for (const fresh of this.#come) this.#tell('added', fresh, []);
    return this.#changes.toSorted((one, other) => comparePaths(one.path, other.path));
  }

  #compare(before: Placed, after: Placed, isMoved: boolean): void {
    const blocks = new Set([...blocksOf(before.step), ...blocksOf(after.step)].map(({ place: [name = ''] }) => name));
    const members = membersOf(own(before.step, blocks), own(after.step, blocks));
    if (isMoved || members.length > 0) this.#tell(isMoved ? 'moved' : 'changed', after, members, isMoved ? before.path : undefined);
    const places = new Set([...blocksOf(before.step), ...blocksOf(after.step)].map(({ place }) => place.join('.')));
    for (const place of places) this.align(blockOf(before, place), blockOf(after, place));
  }

  #tell(kind: PipelineChange['kind'], { step, path, subject }: Placed, members: readonly MemberChange[], from?: string): void {
    this.#changes.push({
      kind,
      subject,
      path,
      ...(from === undefined ? {} : { from }),
      ...(step.id === undefined ? {} : { id: step.id }),
      what: describeStep(step),
      members,
    });
  }
}

function blockOf({ step, path, subject }: Placed, place: string): readonly Placed[] {
  const block = blocksOf(step).find((candidate) => candidate.place.join('.') === place);
  return placed(block?.steps ?? [], `${path}.${place}.`, subject);
}

/** The step without the steps inside it. */
function own(step: StepDefinition, blocks: ReadonlySet<string>): JsonObject {
  return Object.fromEntries<Json>(
    Object.entries(step as JsonObject).flatMap(([name, value]) => (blocks.has(name) || value === undefined ? [] : [[name, value]])),
  );
}

function isSame(one: StepDefinition, other: StepDefinition): boolean {
  return one.id === undefined ? isDeepStrictEqual(one, other) : one.id === other.id;
}

function signatureOf({ step }: Placed): string {
  return step.id === undefined ? describeStep(step) : `#${step.id}`;
}

/** What a step does, in a few words. */
export function describeStep(step: StepDefinition): string {
  const kind = kindOf(step) ?? 'step';
  const { wait } = step;
  if (kind === 'action' || kind === 'call' || kind === 'if' || kind === 'switch') return `${kind} ${step[kind] ?? ''}`;
  if (kind === 'emit') return `emit ${step.emit?.event ?? ''}`;
  if (kind === 'forEach') return `forEach ${typeof step.forEach === 'object' ? step.forEach.action : (step.forEach ?? '')}`;
  if (kind === 'set') return `set ${Object.keys(step.set ?? {}).join(', ')}`;
  if (wait === undefined) return kind;
  if (typeof wait === 'string') return `wait ${wait}`;
  if ('event' in wait) return `wait for ${wait.event}`;
  return 'until' in wait ? `wait until ${wait.until}` : `wait until ${wait.at}`;
}

/** The longest run of equal texts in the same order, as pairs of indexes. */
function commonOf(left: readonly string[], right: readonly string[]): readonly (readonly [number, number])[] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row !== undefined) row[j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) {
      pairs.push([i, j]);
      [i, j] = [i + 1, j + 1];
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}

function comparePaths(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

function consequencesOf(
  changes: readonly PipelineChange[],
  before: Definition,
  after: Definition,
  versions: { readonly before?: number; readonly after?: number },
): readonly string[] {
  const numbered = (number: number | undefined, otherwise: string): string =>
    number === undefined ? otherwise : `version ${String(number)}`;
  const touches = (subject: DiffSubject): boolean => changes.some((change) => change.subject === subject);
  const said: string[] = [];
  if (touches('step') || touches('handler') || touches('output') || changes.some(({ path }) => path === 'timeout' || path === 'serial'))
    said.push(
      `Runs in flight keep ${numbered(versions.before, 'the version with which they started')}; runs that start from now on take ${numbered(versions.after, 'the new one')}.`,
    );
  if (touches('trigger')) said.push('Runs are started by the new trigger as soon as it is deployed.');
  if (changes.some(({ path }) => ['debounce', 'batch'].includes(path)))
    said.push('Events that are being gathered are handed over as they were to be.');
  const gone = Object.keys(before.settings ?? {}).filter((name) => after.settings?.[name] === undefined);
  if (gone.length > 0) said.push(`Values of ${gone.map((name) => `\`${name}\``).join(', ')} that somebody has set are dropped.`);
  if (touches('input')) said.push('Those who start it by hand, by API or by a `call` have to hand over what the new `input` says.');
  return said;
}
