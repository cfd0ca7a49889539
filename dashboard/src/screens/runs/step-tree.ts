import type { StepInfo } from '../../api/types.ts';

/** A step with the steps that were done inside it. */
export interface StepNode {
  readonly step: StepInfo;
  /** The journal does not know it yet: only its place and kind are certain. */
  readonly isAssumed: boolean;
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
  readonly isAssumed: boolean;
  readonly branches: Map<string, Growing[]>;
}

// What stands behind a step's own place in the path of one inside it tells what kind of step it is.
const KIND_BY_PART: Readonly<Record<string, string>> = { then: 'if', else: 'if', cases: 'switch', default: 'switch', parallel: 'parallel' };

/**
 * Puts each step under the one whose path its own begins with; those of one branch stay together, in the order of their
 * start. A step that is journalled only when it has ended is put in its place before.
 */
export function growTree(steps: readonly StepInfo[]): readonly StepNode[] {
  const shown = steps.filter(({ kind }) => kind !== 'element');
  const byPath = new Map(shown.map((step): [string, Growing] => [step.path, { step, isAssumed: false, branches: new Map() }]));
  const roots: Growing[] = [];
  for (const step of shown) place(step.path);
  return roots.map(finish);

  function place(path: string): void {
    const node = byPath.get(path);
    if (node === undefined) return;
    const parent = findParent(byPath, path) ?? assumeParent(node.step);
    if (parent === undefined) {
      roots.push(node);
      return;
    }
    const name = nameBranch(parent.step, path.slice(parent.step.path.length + 1));
    parent.branches.set(name, [...(parent.branches.get(name) ?? []), node]);
  }

  function assumeParent({ path, startedAt }: StepInfo): Growing | undefined {
    const parts = path.split('.');
    const [outermost = '', first = ''] = parts;
    if (parts.length === 1) return undefined;
    const kind = KIND_BY_PART[first] ?? (/^\d+$/.test(first) ? 'forEach' : 'step');
    const assumed: Growing = {
      step: { path: outermost, kind, state: 'running', attempts: 1, startedAt },
      isAssumed: true,
      branches: new Map(),
    };
    byPath.set(outermost, assumed);
    roots.push(assumed);
    return assumed;
  }
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

function finish({ step, isAssumed, branches }: Growing): StepNode {
  return { step, isAssumed, branches: [...branches].map(([name, nodes]) => ({ name, nodes: nodes.map(finish) })) };
}
