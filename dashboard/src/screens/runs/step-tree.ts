import type { StepInfo } from '../../api/types.ts';

/** A step with the steps that were done inside it. */
export interface StepNode {
  readonly step: StepInfo;
  readonly branches: readonly StepBranch[];
}

/** Steps of one branch, handler or element of a loop. */
export interface StepBranch {
  readonly name: string;
  readonly nodes: readonly StepNode[];
}

const NAMES: Readonly<Record<string, string>> = {
  then: 'Then',
  else: 'Otherwise',
  default: 'In any other case',
  do: 'In the loop',
  compensate: 'To undo it',
  onTimeout: 'When the time was over',
  onError: 'When it failed',
};

interface Growing {
  readonly step: StepInfo;
  readonly branches: Map<string, Growing[]>;
}

/** Puts each step under the one whose path its own begins with; those of one branch stay together, in the order of their start. */
export function growTree(steps: readonly StepInfo[]): readonly StepNode[] {
  const byPath = new Map(steps.map((step): [string, Growing] => [step.path, { step, branches: new Map() }]));
  const roots: Growing[] = [];
  for (const node of byPath.values()) {
    const parent = findParent(byPath, node.step.path);
    if (parent === undefined) roots.push(node);
    else {
      const name = nameBranch(parent.step, node.step.path.slice(parent.step.path.length + 1));
      parent.branches.set(name, [...(parent.branches.get(name) ?? []), node]);
    }
  }
  return roots.map(finish);
}

function findParent(byPath: ReadonlyMap<string, Growing>, path: string): Growing | undefined {
  for (let end = path.lastIndexOf('.'); end > 0; end = path.lastIndexOf('.', end - 1)) {
    const parent = byPath.get(path.slice(0, end));
    if (parent !== undefined) return parent;
  }
  return undefined;
}

/** The part of the path between a step and one inside it, in words: `then.0`, `cases.gold.0`, `17.0`. */
function nameBranch(parent: StepInfo, rest: string): string {
  const parts = rest.split('.').slice(0, -1);
  const [first = '', second] = parts;
  if (parent.kind === 'forEach' && /^\d+$/.test(first)) return `Element ${String(Number(first) + 1)}`;
  const known = NAMES[first];
  if (known !== undefined) return second === undefined || /^\d+$/.test(second) ? known : `${known}: ${second}`;
  if (first === 'parallel') return `Branch ${second ?? ''}`;
  if (first === 'cases') return `Case ${String(Number(second) + 1)}`;
  return parts.length === 0 ? 'Inside' : parts.join(' ');
}

function finish({ step, branches }: Growing): StepNode {
  return { step, branches: [...branches].map(([name, nodes]) => ({ name, nodes: nodes.map(finish) })) };
}
