import { hash, randomBytes, randomUUID } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject, RouteAnswer, RouteRequest } from '@tendril/plugin-api';
import type { TenantOpener } from '../tenants/index.ts';
import type { LoadedPlugin } from './contract.ts';
import type { FoundPluginRoute, PluginRoute, PluginRouteCall, PluginRouteReply, PluginRoutes } from './contributions.ts';
import { copyJson, copyObject } from './copy-json.ts';
import type { RunForTenant } from './plugin-consumers.ts';
import { checkAnswer } from './route-answer.ts';
import { compareShapes, matchPath } from './route-paths.ts';

/** What routes need of the host. */
export interface PluginRoutesOptions {
  readonly plugins: () => ReadonlyMap<string, LoadedPlugin>;
  readonly tenants: TenantOpener;
  /** Without waiting where it is known. */
  readonly enabled: (tenantId: string) => ReadonlySet<string> | Promise<ReadonlySet<string>>;
  readonly runForTenant: RunForTenant;
}

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 5;
/** So many requests to one plugin of one tenant are answered at once in this process: nobody fills the place of another. */
const MOST_AT_ONCE = 256;

/** @returns routes of the plugins that are loaded when they are asked for */
export function createPluginRoutes(options: PluginRoutesOptions): PluginRoutes {
  const { plugins, tenants, enabled } = options;
  const atOnce = new Map<string, number>();
  // Network addresses are few enough to be tried out: their hash says nothing without this.
  const pepper = randomBytes(32).toString('hex');

  async function isOpen(tenantId: string, plugin: string): Promise<boolean> {
    try {
      const known = enabled(tenantId);
      return (known instanceof Promise ? await known : known).has(plugin);
    } catch (error) {
      if (TendrilError.is(error) && error.code === 'NOT_FOUND') return false;
      throw error;
    }
  }

  async function withRoom<Output>(tenantId: string, plugin: string, work: () => Promise<Output>): Promise<Output> {
    const key = `${tenantId}/${plugin}`;
    const running = atOnce.get(key) ?? 0;
    if (running >= MOST_AT_ONCE) throw new TendrilError('OVERLOADED', { plugin, retryAfterSeconds: 1 });
    atOnce.set(key, running + 1);
    try {
      return await work();
    } finally {
      const left = (atOnce.get(key) ?? 1) - 1;
      if (left === 0) atOnce.delete(key);
      else atOnce.set(key, left);
    }
  }

  return {
    list: (id) => routesOf(plugins().get(id)),
    find: (id, path) => {
      const found: FoundPluginRoute[] = [];
      for (const route of routesOf(plugins().get(id))) {
        const parameters = matchPath(route.path, path);
        if (parameters !== undefined) found.push({ route, parameters });
      }
      return found.sort((a, b) => compareShapes(a.route.path, b.route.path));
    },
    isOpen,
    call: async (tenantId, route, request) => {
      const plugin = plugins().get(route.plugin);
      if (plugin === undefined || !(await isOpen(tenantId, plugin.id))) throw new TendrilError('NOT_FOUND');
      const input = inputOf(plugin, route, request.body);
      return withRoom(tenantId, plugin.id, async () => {
        const { state } = await tenants.open(tenantId);
        return answer({ ...options, state, pepper }, { tenantId, plugin, route, input, request });
      });
    },
  };
}

interface Asked {
  readonly tenantId: string;
  readonly plugin: LoadedPlugin;
  readonly route: PluginRoute;
  readonly input: JsonObject;
  readonly request: PluginRouteCall;
}

/** The handler runs again when somebody else changed what it had read. */
async function answer(
  {
    runForTenant,
    state,
    pepper,
  }: PluginRoutesOptions & { readonly state: Awaited<ReturnType<TenantOpener['open']>>['state']; readonly pepper: string },
  { tenantId, plugin, route, input, request }: Asked,
): Promise<PluginRouteReply> {
  const { path, id } = route;
  const { parameters, query, headers, caller, isTest, requestId } = request;
  const idempotencyKey =
    request.idempotencyKey === undefined ? `route-${randomUUID()}` : keyOf([tenantId, plugin.id, id, caller, request.idempotencyKey]);
  const sender = hash('sha256', [pepper, tenantId, plugin.id, caller].join('\0'), 'hex').slice(0, 32);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const asked: RouteRequest = { path, parameters, query, headers, input: copyObject(input), sender };
    const { output, changes } = await runForTenant(
      tenantId,
      {
        plugin,
        handler: `route ${id}`,
        // Reading is all that others may be made to do by a link that somebody follows.
        ceiling: { effect: route.method === 'GET' ? 'read' : 'write', idempotency: 'natural' },
        isTest,
        idempotencyKey,
        attempt,
        timeoutMs: TIMEOUT_MS,
        input,
        requestId,
      },
      async (runner, call): Promise<RouteAnswer> => {
        const handler = runner.route(id);
        if (handler === undefined)
          throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: plugin.id, missing: [`route ${id}`] });
        return handler(asked, call);
      },
    );
    const reply = checkAnswer(plugin, route, output);
    if (changes.length === 0 || (await state.commit(changes)).ok) return reply;
  }
  throw new TendrilError('CONFLICT', { plugin: plugin.id, route: id });
}

/** The same for a repeated request, and for nobody else's. */
function keyOf(parts: readonly string[]): string {
  return `route-${hash('sha256', parts.join('\0'), 'hex').slice(0, 48)}`;
}

/** @throws TendrilError INPUT_INVALID with all problems */
function inputOf(plugin: LoadedPlugin, route: PluginRoute, body: Json | undefined): JsonObject {
  const schema = plugin.schemas.routes.get(route.id)?.input;
  if (schema === undefined) return {};
  const input = copyJson(body ?? {});
  const problems = schema.validate(input);
  if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { in: 'body', problems });
  return isObject(input) ? input : {};
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NO_ROUTES: readonly PluginRoute[] = [];
/** A manifest does not change while it is loaded. */
const routesByPlugin = new WeakMap<LoadedPlugin, readonly PluginRoute[]>();

function routesOf(plugin: LoadedPlugin | undefined): readonly PluginRoute[] {
  if (plugin === undefined) return NO_ROUTES;
  const known = routesByPlugin.get(plugin);
  if (known !== undefined) return known;
  const routes = readRoutes(plugin);
  routesByPlugin.set(plugin, routes);
  return routes;
}

function readRoutes(plugin: LoadedPlugin): readonly PluginRoute[] {
  return Object.entries(plugin.manifest.contributes.routes ?? {}).map(([id, { method, path, auth, input }]) => ({
    plugin: plugin.id,
    id,
    method,
    path,
    auth,
    takesBody: input !== undefined,
  }));
}
