import type { Call } from '@tendril/plugin-api';
import type { HttpDefaults } from '@tendril/schemas';
import { assertStatus, readAnswer } from './answer.ts';
import type { CallScope } from './call-scope.ts';
import { compileErrors } from './compile-errors.ts';
import { compileRequest } from './compile-request.ts';
import type { PageChange } from './compile-request.ts';
import type { RequestSpec } from './request-spec.ts';

/**
 * Makes a request and puts its answer into the scope.
 *
 * @throws TendrilError of the catalogue, or an error with a code of the manifest's `errors`
 */
export type Exchange = (call: Call, scope: CallScope, change?: PageChange) => Promise<void>;

/** What the exchanges of one plugin have in common. */
export interface ExchangeContext {
  readonly defaults: HttpDefaults;
  /** How the plugin names itself to services. */
  readonly userAgent: string;
}

const NO_CHANGE: PageChange = {};

/** Compiles a request and what is made of its answer. @param waitHeaders headers beside Retry-After that tell when to try again */
export function compileExchange(
  spec: RequestSpec,
  { defaults, userAgent }: ExchangeContext,
  { headers = {}, waitHeaders }: { readonly headers?: Readonly<Record<string, string>>; readonly waitHeaders?: readonly string[] } = {},
): Exchange {
  const named = { ...defaults, headers: { 'user-agent': userAgent, ...defaults.headers } };
  const prepare = compileRequest(spec, named, headers);
  const assertNoError = compileErrors(
    [...(spec.errors ?? []), ...(defaults.errors ?? [])],
    waitHeaders ?? defaults.retryAfterHeaders ?? [],
  );
  const { responseType = 'json', accepts = [] } = spec;
  return async (call, scope, change = NO_CHANGE) => {
    const { url, init } = prepare(scope, change);
    const read = await readAnswer(await call.fetch(url, init), responseType);
    scope.response = read.answer;
    assertNoError(read.answer, scope, call.clock.now());
    assertStatus(read, accepts);
  };
}
