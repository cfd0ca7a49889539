import type { ReactNode } from 'react';
import type { Resource } from '../api/use-resource.ts';
import { Problem } from './problem.tsx';
import { SkeletonList } from './skeleton.tsx';

interface LoadedProps<Value> {
  readonly resource: Resource<Value>;
  readonly skeletonLines?: number;
  /** Given the value once it is there; shown beside a fault if a later refresh failed. */
  readonly children: (value: Value) => ReactNode;
}

/** Shows grey lines while something loads, its fault when it failed, itself otherwise. */
export function Loaded<Value>({ resource, skeletonLines, children }: LoadedProps<Value>) {
  const { value, problem, reload } = resource;
  if (value === undefined) {
    if (problem !== undefined) return <Problem problem={problem} onRetry={reload} />;
    return <SkeletonList {...(skeletonLines === undefined ? {} : { lines: skeletonLines })} />;
  }
  return (
    <>
      {problem === undefined ? null : <Problem problem={problem} onRetry={reload} />}
      {children(value)}
    </>
  );
}
