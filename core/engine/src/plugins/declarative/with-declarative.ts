import type { Action, HttpDefaults } from '@tendril/schemas';
import type { CheckedPlugin, PluginRunner } from '../contract.ts';
import { compileAction, compileCheck } from './compile-action.ts';
import type { DeclarativeContext } from './compile-action.ts';
import { compilePoll, compilePush } from './compile-trigger.ts';
import { readableFields } from './readable-fields.ts';

/** What a connector says for all of its declarative actions, put where the call path looks for it. */
export function withHttpDefaults(action: Action, defaults: HttpDefaults | undefined): Action {
  if (action.http === undefined || defaults === undefined) return action;
  const { throttle, retryAfterHeaders } = defaults;
  return { ...(throttle !== undefined && { throttle }), ...(retryAfterHeaders !== undefined && { retryAfterHeaders }), ...action };
}

/**
 * Adds the handlers that a manifest describes to those of the plugin's code. Each is compiled when it is first asked for, and
 * once: a connector may describe hundreds.
 */
export function withDeclarative(plugin: CheckedPlugin, runner: PluginRunner): PluginRunner {
  const { contributes, http: defaults = {} } = plugin.manifest;
  const { actions = {}, triggers = {} } = contributes;
  const isDeclarative =
    Object.values(actions).some(({ http }) => http !== undefined) ||
    Object.values(triggers).some(({ http, items }) => http !== undefined || items !== undefined);
  if (!isDeclarative) return runner;
  const context: DeclarativeContext = {
    defaults,
    userAgent: `Tendril (plugin ${plugin.id}/${plugin.version})`,
    readable: readableFields(plugin.manifest, plugin.schemas),
  };
  const action = made(actions, (whole) => whole.http && compileAction(withHttpDefaults(whole, defaults), whole.http, context));
  const check = made(actions, ({ http }) => http?.check && compileCheck(http.check, context));
  const poll = made(triggers, ({ http }) => http && compilePoll(http, context));
  const push = made(triggers, ({ items }) => (items === undefined ? undefined : compilePush(items, context)));
  return {
    action: (id) => action(id) ?? runner.action(id),
    check: (id) => check(id) ?? runner.check(id),
    poll: (id) => poll(id) ?? runner.poll(id),
    push: (id) => push(id) ?? runner.push(id),
    consumer: (id) => runner.consumer(id),
    schedule: (id) => runner.schedule(id),
    route: (id) => runner.route(id),
    webhook: (id) => runner.webhook(id),
    agent: (id) => runner.agent(id),
    driver: (id) => runner.driver(id),
    stop: () => runner.stop(),
  };
}

/** Handlers by id, each made when it is first asked for. */
function made<Item, Handler>(
  items: Readonly<Record<string, Item>>,
  make: (item: Item) => Handler | undefined,
): (id: string) => Handler | undefined {
  const handlers = new Map<string, Handler | undefined>();
  return (id) => {
    if (handlers.has(id)) return handlers.get(id);
    const item = Object.hasOwn(items, id) ? items[id] : undefined;
    if (item === undefined) return undefined;
    const handler = make(item);
    handlers.set(id, handler);
    return handler;
  };
}
