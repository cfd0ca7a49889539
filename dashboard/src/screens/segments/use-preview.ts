import { useEffect, useState } from 'react';
import { toApiProblem } from '../../api/api-problem.ts';
import type { ApiProblem } from '../../api/api-problem.ts';
import { segmentsApi } from '../../api/customers/segments.ts';
import type { SegmentPreview } from '../../api/customers/segments.ts';

/** Whom a condition would reach, or what is wrong with it. */
export interface Preview {
  readonly condition: string;
  readonly answer: SegmentPreview | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isLoading: boolean;
}

const STILL_FOR_MS = 800;

/** Asks whom a condition would reach, when nobody has typed for a moment. The answer before stays until the new one is there. */
export function usePreview(condition: string): Preview {
  const [state, setState] = useState<Preview>({ condition: '', answer: undefined, problem: undefined, isLoading: false });
  useEffect(() => {
    const abort = new AbortController();
    if (condition.trim() === '') {
      setState({ condition, answer: undefined, problem: undefined, isLoading: false });
      return undefined;
    }
    setState((before) => ({ ...before, isLoading: true }));
    const timer = setTimeout(() => {
      segmentsApi.preview(condition, abort.signal).then(
        (answer) => {
          if (!abort.signal.aborted) setState({ condition, answer, problem: undefined, isLoading: false });
        },
        (thrown: unknown) => {
          if (!abort.signal.aborted) setState((before) => ({ ...before, condition, problem: toApiProblem(thrown), isLoading: false }));
        },
      );
    }, STILL_FOR_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [condition]);
  return state;
}
