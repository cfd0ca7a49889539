import type { Paths } from '../../api/customers/analytics.ts';

/** A step that people take, with what they do next. */
export interface PathStep {
  /** Missing where the session ends there, or began. */
  readonly name: string | undefined;
  readonly occurrences: number;
  /** From 0 for the step nearest to the event. */
  readonly depth: number;
  /** Tells it apart from other steps. */
  readonly key: string;
}

/** So many steps are shown below each, the most frequent. */
const MOST_BRANCHES = 6;

interface Branch {
  occurrences: number;
  readonly next: Map<string | undefined, Branch>;
}

/**
 * Puts paths that begin alike together: each step with how often it was taken, right before those that follow it.
 *
 * @param depth how many steps were asked for; a shorter path is one whose session ended
 */
export function arrangePaths({ paths }: Pick<Paths, 'paths'>, direction: 'after' | 'before', depth: number): readonly PathStep[] {
  const root: Branch = { occurrences: 0, next: new Map() };
  for (const { names, occurrences } of paths) {
    // The step nearest to the event comes first, whichever way one looks.
    const nearest = direction === 'after' ? names : names.toReversed();
    let branch = root;
    for (const name of nearest.length < depth ? [...nearest, undefined] : nearest) {
      const next: Branch = branch.next.get(name) ?? { occurrences: 0, next: new Map() };
      next.occurrences += occurrences;
      branch.next.set(name, next);
      branch = next;
    }
  }
  return [...stepsBelow(root, 0, '')];
}

function* stepsBelow({ next }: Branch, depth: number, path: string): Generator<PathStep> {
  const frequent = [...next].toSorted(([, a], [, b]) => b.occurrences - a.occurrences).slice(0, MOST_BRANCHES);
  for (const [name, branch] of frequent) {
    const key = `${path}/${name === undefined ? '' : encodeURIComponent(name)}`;
    yield { name, occurrences: branch.occurrences, depth, key };
    yield* stepsBelow(branch, depth + 1, key);
  }
}
