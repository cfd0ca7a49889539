import { kindOf, isStepList, triggerKindOf } from './definition.ts';
import type { Definition, StepDefinition, TriggerDefinition } from './definition.ts';
import { describeStep } from './diff-pipelines.ts';

const LONGEST_LABEL = 80;

/** How a node of each kind looks: what stands before and behind its label. */
const SHAPES: Readonly<Record<string, readonly [string, string]>> = {
  if: ['{', '}'],
  switch: ['{', '}'],
  parallel: ['{{', '}}'],
  forEach: ['{{', '}}'],
  wait: ['([', '])'],
  approve: ['[/', '/]'],
  call: ['[[', ']]'],
  emit: ['>', ']'],
  stop: ['((', '))'],
  fail: ['(((', ')))'],
  start: ['([', '])'],
};

/** Where a run goes on from: a node, and what the way from it is called. */
interface Exit {
  readonly node: string;
  readonly label?: string;
  readonly isDotted?: boolean;
}

/**
 * Draws a pipeline as a Mermaid flowchart: branches, loops, waits, and dotted what is done when a step fails, takes too
 * long or is undone.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html, read 2026-11-22
 */
export function graphPipeline(definition: Definition): string {
  return new Graph().draw(definition);
}

class Graph {
  readonly #lines: string[] = [];
  #nodes = 0;
  #indent = '  ';

  draw({ pipeline, title, trigger, steps, onError }: Definition): string {
    this.#lines.push('---', `title: ${JSON.stringify(title ?? pipeline)}`, '---', 'flowchart TD');
    const start = this.#node('start', describeTrigger(trigger));
    const exits = this.#steps(steps, [{ node: start }]);
    if (exits.length > 0) this.#connect(exits, this.#node('start', 'end'));
    if (onError !== undefined) this.#inside('when the run has failed', () => this.#steps(onError, []));
    return `${this.#lines.join('\n')}\n`;
  }

  #line(text: string): void {
    this.#lines.push(`${this.#indent}${text}`);
  }

  #node(kind: string, label: string): string {
    const id = `n${String(this.#nodes)}`;
    this.#nodes += 1;
    const [before, behind] = SHAPES[kind] ?? ['[', ']'];
    this.#line(`${id}${before}"${escapeLabel(label)}"${behind}`);
    return id;
  }

  #connect(exits: readonly Exit[], to: string): void {
    for (const { node, label, isDotted = false } of exits) {
      const arrow = isDotted ? '-.->' : '-->';
      this.#line(`${node} ${arrow}${label === undefined ? '' : `|"${escapeLabel(label)}"|`} ${to}`);
    }
  }

  #inside<Result>(title: string, draw: () => Result): Result {
    this.#line(`subgraph g${String(this.#nodes)}["${escapeLabel(title)}"]`);
    const outer = this.#indent;
    this.#indent = `${outer}  `;
    const result = draw();
    this.#indent = outer;
    this.#line('end');
    return result;
  }

  /** @returns where it goes on; nowhere when each way ends the run */
  #steps(steps: readonly StepDefinition[], from: readonly Exit[]): readonly Exit[] {
    let exits = from;
    for (const step of steps) exits = this.#step(step, exits);
    return exits;
  }

  #step(step: StepDefinition, from: readonly Exit[]): readonly Exit[] {
    const kind = kindOf(step) ?? 'step';
    const name = step.id === undefined ? '' : `${step.id}: `;
    const node = this.#node(kind, `${name}${describeStep(step)}`);
    this.#connect(from, node);
    const exits = [...this.#ways(step, node), ...this.#guardWay(step, node)];
    return [...exits, ...this.#handlers(step, node)];
  }

  #ways(step: StepDefinition, node: string): readonly Exit[] {
    switch (kindOf(step)) {
      case 'if':
        return [...this.#steps(step.then ?? [], [{ node, label: 'yes' }]), ...this.#steps(step.else ?? [], [{ node, label: 'no' }])];
      case 'switch':
        return [
          ...Object.entries(step.cases ?? {}).flatMap(([value, steps]) => this.#steps(steps, [{ node, label: value }])),
          ...this.#steps(step.default ?? [], [{ node, label: 'otherwise' }]),
        ];
      case 'parallel':
        return this.#parallel(step, node);
      case 'forEach':
        return this.#loop(step, node);
      case 'stop':
      case 'fail':
        return [];
      default:
        return [{ node }];
    }
  }

  #parallel({ parallel = {}, join }: StepDefinition, node: string): readonly Exit[] {
    const exits = Object.entries(parallel).flatMap(([name, steps]) => this.#steps(steps, [{ node, label: name }]));
    if (exits.length === 0) return [];
    const meeting = this.#node('parallel', join === 'any' ? 'the first' : 'all');
    this.#connect(exits, meeting);
    return [{ node: meeting }];
  }

  #loop({ as: name = 'item', do: body = [] }: StepDefinition, node: string): readonly Exit[] {
    const ends = this.#inside(`each ${name}`, () => this.#steps(body, [{ node, label: 'each' }]));
    this.#connect(
      ends.map((exit) => ({ ...exit, label: exit.label ?? 'next' })),
      node,
    );
    return [{ node, label: 'done' }];
  }

  /** An action that its guard may skip. */
  #guardWay(step: StepDefinition, node: string): readonly Exit[] {
    return step.if !== undefined && kindOf(step) !== 'if' ? [{ node, label: `skipped unless ${step.if}` }] : [];
  }

  #handlers({ onError, onTimeout, compensate }: StepDefinition, node: string): readonly Exit[] {
    const exits: Exit[] = [];
    const draw = (label: string, steps: readonly StepDefinition[]): void => {
      exits.push(...this.#steps(steps, [{ node, label, isDotted: true }]));
    };
    if (onTimeout !== undefined) draw('too late', onTimeout);
    if (onError !== undefined && isStepList(onError)) draw('error', onError);
    else for (const [code, steps] of Object.entries(onError ?? {})) draw(code === '*' ? 'other errors' : code, steps);
    // Undoing leads nowhere: the run has failed by then.
    if (compensate !== undefined) this.#steps(compensate, [{ node, label: 'undo', isDotted: true }]);
    return exits;
  }
}

/** What starts runs, in a few words. */
export function describeTrigger(trigger: TriggerDefinition): string {
  switch (triggerKindOf(trigger)) {
    case 'event':
      return `event ${trigger.event ?? ''}`;
    case 'schedule':
      return `schedule ${typeof trigger.schedule === 'object' ? trigger.schedule.cron : (trigger.schedule ?? '')}`;
    case 'webhook':
      return 'webhook';
    case 'source':
      return trigger.source ?? '';
    case 'broadcast':
      return `broadcast to ${trigger.broadcast?.segment ?? 'everybody'}`;
    case 'segment':
      return `${trigger.on ?? 'entered'} ${trigger.segment ?? ''}`;
    default:
      return 'by hand or call';
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '"': '#quot;', '#': '#35;', '<': '#lt;', '>': '#gt;', '&': '#amp;', '`': '#96;' };

/** A label in which nothing means anything to Mermaid. */
function escapeLabel(label: string): string {
  const line = label.replace(/\s+/g, ' ').trim();
  const short = line.length > LONGEST_LABEL ? `${line.slice(0, LONGEST_LABEL - 1)}…` : line;
  return short.replace(/["#<>&`]/g, (character) => ENTITIES[character] ?? '');
}
