import { TendrilError } from '@tendril/plugin-api';

/** What one request of a group came to. */
export type Settled<Result> = { readonly result: Result } | { readonly error: TendrilError };

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Lets requests share a commit: all that come while one is on its way go with the next. */
export class GroupCommitter<Request, Result> {
  readonly #commit: (requests: readonly Request[]) => Promise<readonly Settled<Result>[]>;
  readonly #mostRequests: number;
  #waiting: Waiting<Request, Result>[] = [];
  #isRunning = false;

  /** @param commit answers in the order of the requests; when it rejects, all of the group are rejected */
  constructor(mostRequests: number, commit: (requests: readonly Request[]) => Promise<readonly Settled<Result>[]>) {
    this.#mostRequests = mostRequests;
    this.#commit = commit;
  }

  add(request: Request): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ request, resolve, reject });
    if (!this.#isRunning) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Lets the caller's other requests of this turn come along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, this.#mostRequests);
      await this.#settle(group);
    }
    this.#isRunning = false;
  }

  async #settle(group: readonly Waiting<Request, Result>[]): Promise<void> {
    try {
      const settled = await this.#commit(group.map(({ request }) => request));
      for (const [i, { resolve, reject }] of group.entries()) {
        const answer = settled[i];
        if (answer === undefined) reject(new TendrilError('INTERNAL', { reason: 'no answer in the group' }));
        else if ('error' in answer) reject(answer.error);
        else resolve(answer.result);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
