import type { Json, JsonObject } from '../../api/types.ts';
import type { IconName } from '../../ui/icon.tsx';
import { text } from '../../ui/person-name.ts';
import { asObject, readSteps } from './read-definition.ts';

/** Steps that belong to another: a branch, what a loop does, what is done when it fails. */
export interface DrawnBranch {
  readonly name: string;
  /** Those of one row stand side by side. */
  readonly kind: 'branch' | 'loop' | 'handler' | 'undo';
  readonly steps: readonly JsonObject[];
}

/** One step in words. */
export interface DrawnStep {
  readonly icon: IconName;
  readonly title: string;
  /** Shown as code: a condition, a list. */
  readonly code: string;
  readonly notes: readonly string[];
  readonly branches: readonly DrawnBranch[];
}

type Words = Partial<Omit<DrawnStep, 'branches'>> & { readonly icon: IconName; readonly title: string };

/** Puts a step of a file in words, with what is inside it. */
export function tellStep(step: JsonObject): DrawnStep {
  const words = wordsOf(step);
  const guard = 'if' in step && 'action' in step ? `only if ${tellValue(step['if'])}` : '';
  return {
    icon: words.icon,
    title: words.title,
    code: words.code ?? '',
    notes: [...(words.notes ?? []), guard, ...notesOf(step)].filter((note) => note !== ''),
    branches: [...branchesOf(step), ...handlersOf(step)].filter(({ steps }) => steps.length > 0),
  };
}

function wordsOf(step: JsonObject): Words {
  if ('action' in step) return { icon: 'play', title: text(step['action']), notes: [withPrefix('over ', step['connection'])] };
  if ('switch' in step) return { icon: 'split', title: 'Depending on', code: tellValue(step['switch']) };
  if ('parallel' in step)
    return {
      icon: 'split',
      title: 'At the same time',
      notes: [text(step['join']) === 'any' ? 'until the first has ended well' : 'until all have ended'],
    };
  if ('forEach' in step) return tellLoop(step);
  if ('wait' in step) return tellWait(step['wait']);
  if ('approve' in step) return tellApproval(asObject(step['approve']));
  if ('call' in step)
    return { icon: 'forward', title: `Pipeline ${text(step['call'])}`, notes: [step['detached'] === true ? 'not waited for' : ''] };
  if ('emit' in step) return { icon: 'send', title: `Event ${text(asObject(step['emit'])['event'])}` };
  if ('set' in step) return { icon: 'pipelines', title: 'Compute', code: Object.keys(asObject(step['set'])).join(', ') };
  if ('stop' in step) return { icon: 'stop', title: 'End here', notes: [text(asObject(step['stop'])['reason'])] };
  if ('fail' in step) return { icon: 'cross', title: 'Fail here', notes: [text(asObject(step['fail'])['reason'])] };
  if ('if' in step) return { icon: 'split', title: 'If', code: tellValue(step['if']) };
  return { icon: 'alert', title: 'Step', code: tellValue(step) };
}

function tellLoop(step: JsonObject): Words {
  const { forEach: list, concurrency } = step;
  const pages = asObject(list);
  const notes = [
    typeof concurrency === 'number' && concurrency > 1 ? `${String(concurrency)} at once` : 'one after another',
    step['continueOnError'] === true ? 'goes on when one fails' : '',
  ];
  if ('action' in pages) return { icon: 'repeat', title: `For each of ${text(pages['action'])}`, notes: ['page by page', ...notes] };
  return { icon: 'repeat', title: 'For each of', code: tellValue(list), notes };
}

function tellWait(wait: Json | undefined): Words {
  if (typeof wait === 'string')
    return { icon: 'clock', title: wait.startsWith('${{') ? 'Wait' : `Wait ${wait}`, code: wait.startsWith('${{') ? wait : '' };
  const { until, at, on, event, where, timeout, timeZone } = asObject(wait);
  if (event !== undefined)
    return {
      icon: 'clock',
      title: `Wait for ${text(event)}`,
      code: where === undefined ? '' : tellValue(where),
      notes: [withPrefix('at most ', timeout)],
    };
  if (at !== undefined) {
    const days = Array.isArray(on) ? `on ${(on as readonly Json[]).map(tellValue).join(', ')}` : '';
    return { icon: 'clock', title: `Wait until ${text(at)}`, notes: [days, text(timeZone)] };
  }
  return { icon: 'clock', title: 'Wait until', code: tellValue(until), notes: [text(timeZone)] };
}

function tellApproval({ by, title, timeout }: JsonObject): Words {
  return {
    icon: 'hand',
    title: by === undefined ? 'A person approves' : `Approved by ${text(by)}`,
    notes: [text(title), withPrefix('at most ', timeout)],
  };
}

function notesOf(step: JsonObject): readonly string[] {
  const { attempts } = asObject(step['retry']);
  return [typeof attempts === 'number' ? `up to ${String(attempts)} attempts` : '', withPrefix('may take ', step['timeout'])];
}

function branchesOf(step: JsonObject): readonly DrawnBranch[] {
  const branch = (name: string, steps: Json | undefined): DrawnBranch => ({ name, kind: 'branch', steps: readSteps(steps) });
  if ('forEach' in step) return [{ name: `Each ${text(step['as']) || 'item'}`, kind: 'loop', steps: readSteps(step['do']) }];
  if ('parallel' in step) return Object.entries(asObject(step['parallel'])).map(([name, steps]) => branch(name, steps));
  if ('switch' in step)
    return [...Object.entries(asObject(step['cases'])).map(([name, steps]) => branch(name, steps)), branch('Any other', step['default'])];
  return [branch('Then', step['then']), branch('Otherwise', step['else'])];
}

/** What is done when a step takes too long, fails, or has to be undone. */
function handlersOf(step: JsonObject): readonly DrawnBranch[] {
  return [
    { name: 'When the time is over', kind: 'handler', steps: readSteps(step['onTimeout']) },
    ...tellErrorHandlers(step['onError']),
    { name: 'To undo it', kind: 'undo', steps: readSteps(step['compensate']) },
  ];
}

/** What is done when something fails: always the same, or by the code of the error. */
export function tellErrorHandlers(onError: Json | undefined): readonly DrawnBranch[] {
  if (Array.isArray(onError)) return [{ name: 'When it fails', kind: 'handler', steps: readSteps(onError as readonly Json[]) }];
  return Object.entries(asObject(onError)).map(([code, steps]) => ({
    name: code === '*' || code === 'default' ? 'When it fails otherwise' : `When it fails with ${code}`,
    kind: 'handler',
    steps: readSteps(steps),
  }));
}

function withPrefix(prefix: string, value: Json | undefined): string {
  return value === undefined ? '' : prefix + tellValue(value);
}

function tellValue(value: Json | undefined): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}
