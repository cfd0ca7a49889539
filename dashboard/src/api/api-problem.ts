import type { ProblemDetails } from './types.ts';

/** A refused or failed request, with what the API said about it. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  readonly remedy: string;
  readonly details: ProblemDetails['details'];

  constructor(status: number, problem: ProblemDetails) {
    super(problem.title ?? problem.detail ?? `The hub answered with status ${String(status)}.`);
    this.status = status;
    this.code = problem.code ?? `HTTP_${String(status)}`;
    this.remedy = problem.remedy ?? (status === 0 || status >= 500 ? 'retry' : 'report');
    this.details = problem.details;
  }
}

/** Makes an `ApiProblem` of whatever was thrown. */
export function toApiProblem(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  return new ApiProblem(0, { title: 'The hub does not answer.', code: 'HUB_UNREACHABLE', remedy: 'retry' });
}

/** True for faults that say that no session is open. */
export function isSessionMissing(problem: ApiProblem | undefined): boolean {
  return problem?.status === 401;
}
