import { useCallback, useEffect, useRef, useState } from 'react';
import { toApiProblem } from './api-problem.ts';
import type { ApiProblem } from './api-problem.ts';

/** Something that is fetched: what is known of it, and what went wrong last. */
export interface Resource<Value> {
  readonly value: Value | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isLoading: boolean;
  /** Fetches again; the old value stays until the new one is there. */
  readonly reload: () => void;
  /** Replaces the value at once, as after a change whose outcome is known. */
  readonly replace: (value: Value) => void;
}

const remembered = new Map<string, unknown>();
const REMEMBERED_MOST = 60;

/**
 * Fetches when `key` changes. The last value of a key is shown at once when it is asked for again, and refreshed.
 *
 * @param refreshMs fetch again this often while the page is visible; 0 for never
 */
export function useResource<Value>(key: string, load: (signal: AbortSignal) => Promise<Value>, refreshMs = 0): Resource<Value> {
  const [state, setState] = useState<{ key: string; value: Value | undefined; problem: ApiProblem | undefined; isLoading: boolean }>(
    () => ({
      key,
      value: recall<Value>(key),
      problem: undefined,
      isLoading: true,
    }),
  );
  const [turn, setTurn] = useState(0);
  const loadRef = useRef(load);
  useEffect(() => {
    loadRef.current = load;
  });

  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({
      key,
      value: before.key === key ? before.value : recall<Value>(key),
      problem: before.key === key ? before.problem : undefined,
      isLoading: true,
    }));
    loadRef.current(abort.signal).then(
      (value) => {
        if (abort.signal.aborted) return;
        remember(key, value);
        setState({ key, value, problem: undefined, isLoading: false });
      },
      (thrown: unknown) => {
        if (abort.signal.aborted) return;
        setState((before) => ({ ...before, key, problem: toApiProblem(thrown), isLoading: false }));
      },
    );
    return () => abort.abort();
  }, [key, turn]);

  useEffect(() => {
    if (refreshMs === 0) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) setTurn((before) => before + 1);
    }, refreshMs);
    return () => clearInterval(timer);
  }, [refreshMs]);

  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const replace = useCallback(
    (value: Value) => {
      remember(key, value);
      setState({ key, value, problem: undefined, isLoading: false });
    },
    [key],
  );
  const isCurrent = state.key === key;
  return {
    value: isCurrent ? state.value : recall<Value>(key),
    problem: isCurrent ? state.problem : undefined,
    isLoading: !isCurrent || state.isLoading,
    reload,
    replace,
  };
}

function recall<Value>(key: string): Value | undefined {
  return remembered.get(key) as Value | undefined;
}

function remember(key: string, value: unknown): void {
  remembered.delete(key);
  remembered.set(key, value);
  const oldest = remembered.keys().next();
  if (remembered.size > REMEMBERED_MOST && oldest.done !== true) remembered.delete(oldest.value);
}
