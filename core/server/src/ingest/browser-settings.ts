import type { JsonObject } from '@tendril/plugin-api';

/**
 * What analytics-next asks its CDN for at start: that events go to this hub, and that there is nothing else to load.
 *
 * @param apiUrl where the tracking API is, with `/v1`
 * @see the type CDNSettings of @segment/analytics-next 1.84 (read 2026-11-20)
 */
export function browserSettings(writeKey: string, apiUrl: URL): JsonObject {
  return {
    integrations: {
      'Segment.io': {
        apiKey: writeKey,
        apiHost: `${apiUrl.host}${apiUrl.pathname}`,
        protocol: apiUrl.protocol.slice(0, -1),
        unbundledIntegrations: [],
        addBundledMetadata: true,
        versionSettings: { version: '4.4.7', componentTypes: ['browser'] },
      },
    },
    plan: {
      track: { __default: { enabled: true, integrations: {} } },
      identify: { __default: { enabled: true } },
      group: { __default: { enabled: true } },
    },
    edgeFunction: {},
    analyticsNextEnabled: true,
    middlewareSettings: {},
    enabledMiddleware: {},
    metrics: { sampleRate: 0 },
    legacyVideoPluginsEnabled: false,
    remotePlugins: [],
  };
}
