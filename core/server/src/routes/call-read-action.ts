import type { JsonObject } from '@tendril/plugin-api';
import { isObject } from '../http/parse-json.ts';
import type { RouteRequest } from '../http/route.ts';

/**
 * People and leads belong to plugins: the routes over them are read actions under a steadier name.
 *
 * @throws TendrilError ACTION_UNKNOWN, PLUGIN_DISABLED when the tenant does not use the plugin
 */
export async function callReadAction(
  request: RouteRequest<unknown, unknown, unknown>,
  name: string,
  input: JsonObject,
): Promise<JsonObject> {
  const { tenant, principal, requestId } = request;
  const { output } = await tenant.actions.call(name, input, { principal, requestId });
  return isObject(output) ? output : {};
}
