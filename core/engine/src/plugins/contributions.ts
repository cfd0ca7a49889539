import type { Json, JsonObject } from '@tendril/plugin-api';
import type { PanelData } from '@tendril/schemas';

/** Who may use a route of a plugin. */
export type RouteAuth = 'none' | 'write_key' | 'secret_key' | 'session';

/** A route of a plugin, as its manifest says it. */
export interface PluginRoute {
  readonly plugin: string;
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/plugins/{plugin}`; `{name}` for a parameter. */
  readonly path: string;
  readonly auth: RouteAuth;
  /** Whether its handler gets a body. */
  readonly takesBody: boolean;
}

/** What there is at an address below a plugin's prefix. */
export interface FoundPluginRoute {
  readonly route: PluginRoute;
  /** Decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A request to a route whose caller is known to be allowed. */
export interface PluginRouteCall {
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: JsonObject;
  /** Names in lower case, nothing among them that proves who the caller is. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the route takes one. */
  readonly body?: Json;
  /** The caller's own: the same for a repeated request. */
  readonly idempotencyKey?: string;
  /** What tells the caller from others, for keys that two of them happen to choose alike. */
  readonly caller: string;
  readonly isTest: boolean;
  readonly requestId: string;
}

/** What a route answered, checked. */
export interface PluginRouteReply {
  /** From 200 to 599. */
  readonly status: number;
  /** As the plugin gave them, names in lower case: which of them go out is for whoever sends them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Missing when there is none. */
  readonly body?: string;
  /** The body is a text of the plugin's own, not JSON. */
  readonly isText: boolean;
}

/** A webhook of a plugin as one tenant has it. */
export interface PluginWebhookInfo {
  readonly plugin: string;
  readonly id: string;
  readonly title: string;
  readonly verify: 'standard_webhooks' | 'hmac_sha256' | 'basic' | 'handler' | 'none';
  /** Below the public address of the hub. Whoever knows it may call it. */
  readonly path: string;
  /** The event that each delivery becomes; missing where the plugin makes events of it. */
  readonly event?: string;
  /** Where the secret comes from that its senders prove themselves with: the address itself, or a field of a connection. */
  readonly secret: 'none' | 'of_address' | 'of_connection';
  /** Field of the connection that holds it. */
  readonly secretField?: string;
  /** Whether there is one: until then everything is refused. True where none is needed. */
  readonly isReady: boolean;
}

/** Where a panel is shown. */
export type PanelPlace = 'overview' | 'person' | 'lead' | 'plugin';

/** A panel of a plugin, declared as data. */
export interface PluginPanel {
  /** `plugin.panel`. */
  readonly id: string;
  readonly plugin: string;
  readonly title: string;
  readonly view: PanelData['view'];
  readonly place: PanelPlace;
  /** `plugin.action`. */
  readonly action: string;
}

/** A pipeline that comes with a plugin, as one tenant has it. */
export interface ReadyPipelineInfo {
  readonly plugin: string;
  /** Id in the manifest. */
  readonly id: string;
  /** Under which it is deployed: `plugin_pipeline`. */
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  /** As the plugin's version here gives it. */
  readonly source: string;
  /** JSON Schema of the settings to be asked for; each has a default. */
  readonly settings: JsonObject;
  /** `edited`: somebody has changed it since, or has deployed another one under its name. */
  readonly state: 'absent' | 'added' | 'edited';
  readonly isPaused?: boolean;
  /** Version of the plugin that it was taken from. */
  readonly addedFromVersion?: string;
  /** The plugin's version here gives another text than it was taken from. */
  readonly hasNewer: boolean;
}

/** Routes of the loaded plugins. */
export interface PluginRoutes {
  /** Of one plugin, in the manifest's order; empty when there is no such plugin. */
  list(plugin: string): readonly PluginRoute[];
  /** All that fit the path, whatever the method; the most literal first. */
  find(plugin: string, path: string): readonly FoundPluginRoute[];
  /** Whether the tenant uses the plugin. False for tenants that do not exist. */
  isOpen(tenantId: string, plugin: string): Promise<boolean>;
  /**
   * Runs the handler and commits what it gathered.
   *
   * @throws TendrilError INPUT_INVALID, NOT_FOUND when the plugin is not enabled, CONFLICT, OVERLOADED, PLUGIN_FAULTY; what the handler threw
   */
  call(tenantId: string, route: PluginRoute, request: PluginRouteCall): Promise<PluginRouteReply>;
}
