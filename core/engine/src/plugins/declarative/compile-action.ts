import type { ActionHandler, CheckHandler, Json, JsonObject } from '@tendril/plugin-api';
import type { Action, HttpAction, HttpCheck, HttpPaging } from '@tendril/schemas';
import { CallScope } from './call-scope.ts';
import type { ReadableFields } from './call-scope.ts';
import { compileExchange } from './compile-exchange.ts';
import type { ExchangeContext } from './compile-exchange.ts';
import { compilePaging } from './compile-paging.ts';
import { compileBare, compileTemplate } from './compile-values.ts';
import { forOutput } from './evaluation-failure.ts';

/** What the declarative parts of one plugin have in common. */
export interface DeclarativeContext extends ExchangeContext {
  readonly readable: ReadableFields;
}

const BODY = '${{ response.body }}';
const PAGES: JsonObject = { items: '${{ items }}', hasMore: '${{ hasMore }}' };

/** What an action's paging is, with what the connector says for all. */
export function pagingOf(http: Pick<HttpAction, 'paging'>, defaults: HttpPaging | undefined): HttpPaging | undefined {
  return http.paging === undefined ? undefined : { ...defaults, ...http.paging };
}

/** Makes the handler of an action of its `http`; to be done once. */
export function compileAction(action: Action, http: HttpAction, context: DeclarativeContext): ActionHandler {
  const { idempotencyKey } = http;
  const exchange = compileExchange(http, context, {
    ...(idempotencyKey !== undefined && { headers: { [idempotencyKey]: '${{ idempotencyKey }}' } }),
    ...(action.retryAfterHeaders !== undefined && { waitHeaders: action.retryAfterHeaders }),
  });
  const paging = pagingOf(http, context.defaults.paging);
  const ask = paging === undefined ? exchange : askingPages(paging, exchange);
  const output = compileTemplate((http.output as Json | undefined) ?? (paging === undefined ? BODY : PAGES));
  return async (input, call) => {
    const scope = new CallScope(call, input, context.readable);
    await ask(call, scope);
    return asOutput(forOutput('/http/output', () => output(scope)));
  };
}

function askingPages(paging: HttpPaging, exchange: ReturnType<typeof compileExchange>): typeof exchange {
  const askPages = compilePaging(paging);
  return (call, scope) => askPages(call, scope, exchange);
}

/** Makes the handler that finds out whether an action's effect took place. */
export function compileCheck(check: HttpCheck, context: DeclarativeContext): CheckHandler {
  const exchange = compileExchange(check, context);
  const happened = compileBare(check.happened);
  const absent = check.absent === undefined ? undefined : compileBare(check.absent);
  const output = compileTemplate((check.output as Json | undefined) ?? BODY);
  return async (input, call) => {
    const scope = new CallScope(call, input, context.readable);
    await exchange(call, scope);
    const hasHappened = forOutput('/http/check/happened', () => happened(scope));
    if (hasHappened === true) return { effect: 'happened', output: asOutput(forOutput('/http/check/output', () => output(scope))) };
    // Without `absent` only a clear no says that there was nothing: an answer of another shape does not.
    const isAbsent = absent === undefined ? hasHappened === false : forOutput('/http/check/absent', () => absent(scope)) === true;
    return { effect: isAbsent ? 'absent' : 'unknown' };
  };
}

/** The call path holds it against the action's schema, which may ask for any JSON. */
function asOutput(value: Json | undefined): JsonObject {
  return (value ?? null) as JsonObject;
}
