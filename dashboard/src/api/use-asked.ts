import { useEffect, useRef, useState } from 'react';
import { toApiProblem } from './api-problem.ts';
import type { ApiProblem } from './api-problem.ts';

/** What the hub says of something that is being typed. */
export interface Asked<Answer> {
  /** What the answer or the problem is about. */
  readonly about: string;
  readonly answer: Answer | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isLoading: boolean;
}

const STILL_FOR_MS = 800;

/**
 * Asks the hub about what is typed, when nobody has typed for a moment. The answer before stays until the new one is there.
 *
 * @param typed what is asked about; nothing is asked while it is empty
 */
export function useAsked<Answer>(typed: string, ask: (signal: AbortSignal) => Promise<Answer>): Asked<Answer> {
  const [state, setState] = useState<Asked<Answer>>({ about: '', answer: undefined, problem: undefined, isLoading: false });
  const askRef = useRef(ask);
  useEffect(() => {
    askRef.current = ask;
  });
  useEffect(() => {
    const abort = new AbortController();
    if (typed.trim() === '') {
      setState({ about: typed, answer: undefined, problem: undefined, isLoading: false });
      return undefined;
    }
    setState((before) => ({ ...before, isLoading: true }));
    const timer = setTimeout(() => {
      askRef.current(abort.signal).then(
        (answer) => {
          if (!abort.signal.aborted) setState({ about: typed, answer, problem: undefined, isLoading: false });
        },
        (thrown: unknown) => {
          if (!abort.signal.aborted) setState((before) => ({ ...before, about: typed, problem: toApiProblem(thrown), isLoading: false }));
        },
      );
    }, STILL_FOR_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [typed]);
  return state;
}
