import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject, PollHandler, PushHandler } from '@tendril/plugin-api';
import type { HttpPoll } from '@tendril/schemas';
import { CallScope } from './call-scope.ts';
import type { DeclarativeContext } from './compile-action.ts';
import { compileExchange } from './compile-exchange.ts';
import { compileBare, compileOptional } from './compile-values.ts';
import type { Compute } from './compile-values.ts';
import { forOutput } from './evaluation-failure.ts';

/** Makes the handler of a trigger of kind `poll` of its `http`; to be done once. */
export function compilePoll(http: HttpPoll, context: DeclarativeContext): PollHandler {
  const exchange = compileExchange(http, context);
  const itemsOf = compileBare(http.items);
  const cursorOf = compileOptional(http.cursor);
  const hasMoreOf = compileOptional(http.hasMore);
  return async (input, call, cursor) => {
    const scope = new CallScope(call, input, context.readable);
    scope.cursor = cursor ?? null;
    await exchange(call, scope);
    scope.items = listOf(itemsOf, scope, '/http/items');
    const next = forOutput('/http/cursor', () => cursorOf(scope));
    const hasMore = forOutput('/http/hasMore', () => hasMoreOf(scope)) === true;
    return { items: scope.items as readonly JsonObject[], ...(next !== undefined && next !== null && { cursor: next }), hasMore };
  };
}

/** Makes the handler of a trigger of kind `push` of its `items`; to be done once. */
export function compilePush(items: string, context: DeclarativeContext): PushHandler {
  const itemsOf = compileBare(items);
  return async ({ input, body, headers, query }, call) => {
    const scope = new CallScope(call, input, context.readable);
    scope.webhook = { body, headers, query };
    return listOf(itemsOf, scope, '/items') as readonly JsonObject[];
  };
}

/** That the items match their schema is looked at by whoever asked. */
function listOf(compute: Compute, scope: CallScope, part: string): readonly Json[] {
  const found = forOutput(part, () => compute(scope)) ?? [];
  if (Array.isArray(found)) return found as readonly Json[];
  throw new TendrilError('ACTION_OUTPUT_INVALID', { part, problem: 'The items are no list.' });
}
