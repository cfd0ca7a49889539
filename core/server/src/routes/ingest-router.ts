import type { Hub } from '@tendril/engine';
import type { Request, Response } from 'express';
import { TendrilError } from '@tendril/plugin-api';
import { browserSettings } from '../ingest/browser-settings.ts';
import { allowOrigin, requireAllowedOrigin } from '../ingest/cross-origin.ts';
import type { IngestEndpoint } from '../ingest/ingest-endpoint.ts';
import { INGEST_PATHS } from '../ingest/paths.ts';
import type { Route, Router } from '../http/route.ts';

/** What the routes of the tracking API need. */
export interface IngestRouterNeeds {
  readonly hub: Hub;
  readonly endpoint: IngestEndpoint;
  /** Where the world reaches this server, as seen by a request. */
  readonly urlOf: (req: Request) => string;
}

/** Segment's HTTP tracking API, as the document of the API shows it; the endpoint answers before any of it is reached. */
export function createIngestRouter({ hub, endpoint, urlOf }: IngestRouterNeeds): Router {
  async function writeSettings(req: Request, res: Response): Promise<void> {
    const { writeKey } = req.params;
    const { origin } = req.headers;
    const { app } = await hub.keys.authenticate(typeof writeKey === 'string' ? writeKey : '');
    if (app === undefined || typeof writeKey !== 'string') throw new TendrilError('KEY_INVALID');
    requireAllowedOrigin(app, origin);
    if (origin !== undefined) allowOrigin(res, origin);
    res.setHeader('cache-control', 'no-cache');
    res.json(browserSettings(writeKey, new URL('/v1', urlOf(req))));
  }

  return {
    tag: 'tracking',
    description: "Segment's HTTP tracking API: Segment's own libraries work by changing the host. 200 means that the events are on disk.",
    routes: [
      ...INGEST_PATHS.map(({ path, takes, isImport }): Route => ({
        method: 'post',
        path,
        summary: takes === 'call' ? 'Takes one call' : `Takes several calls${isImport ? ' of the past, which start no runs' : ''}`,
        description:
          'Authenticated by write key: user name of Basic, bearer token, or `writeKey` in the body. `text/plain` and gzip are taken too.',
        access: 'public',
        body: takes === 'call' ? 'Call' : 'Batch',
        answer: 'IngestAnswer',
        write: (req, res) => void endpoint.take(req, res),
      })),
      {
        method: 'get',
        path: '/v1/projects/{writeKey}/settings',
        summary: 'What analytics-next asks its CDN for',
        access: 'public',
        answer: 'BrowserSettings',
        write: writeSettings,
      },
    ],
  };
}
