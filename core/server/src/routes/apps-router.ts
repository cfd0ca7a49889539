import type { ApiKey, App, EnvironmentName, Scope } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import { withInstants } from './instants.ts';
import { pageOf, required } from './pages.ts';
import type { PageQuery } from './pages.ts';

interface Identified {
  readonly id: string;
}

interface NewApp {
  readonly name: string;
  readonly isTest: boolean;
  readonly environment?: EnvironmentName;
  readonly origins?: readonly string[];
}

/** What a new key is for. */
export type KeyRequest =
  { readonly kind: 'write'; readonly appId: string } | { readonly kind: 'secret'; readonly scopes: readonly Scope[] };

function showApp(app: App): object {
  return withInstants(app, ['createdAt']);
}

/** A key as people see it; its secret only as it is made. */
export function showKey(key: ApiKey): object {
  return withInstants(key, ['createdAt', 'expiresAt', 'revokedAt']);
}

/** Apps that send events, and keys. */
export const appsRouter: Router = {
  tag: 'apps',
  description: 'Applications that send events, and the keys of the tenant.',
  routes: [
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/apps',
      summary: 'Apps',
      access: ['read'],
      query: 'PageQuery',
      answer: 'AppPage',
      handle: async ({ tenant, query }) => pageOf((await tenant.apps.list()).map(showApp), query),
    }),
    defineRoute<{ body: NewApp }>({
      method: 'post',
      path: '/v1/apps',
      summary: 'Makes an app',
      access: ['admin'],
      body: 'NewApp',
      status: 201,
      answer: 'App',
      handle: async ({ tenant, body }) => showApp(await tenant.apps.create(body)),
    }),
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/keys',
      summary: 'Keys, without their secrets',
      access: ['admin'],
      query: 'PageQuery',
      answer: 'KeyPage',
      handle: async ({ tenant, query }) => pageOf((await tenant.keys.list()).map(showKey), query),
    }),
    defineRoute<{ body: KeyRequest }>({
      method: 'post',
      path: '/v1/keys',
      summary: 'Makes a key; its secret is shown this once',
      access: ['admin'],
      body: 'KeyRequest',
      status: 201,
      answer: 'NewKey',
      handle: async ({ tenant, body }) => showKey(await tenant.keys.create(body)),
    }),
    defineRoute<{ path: Identified; body: { readonly overlapSeconds?: number } }>({
      method: 'post',
      path: '/v1/keys/{id}/rotate',
      summary: 'Makes a key with the same rights; the old one works on for a while',
      access: ['admin'],
      body: 'Rotation',
      isBodyOptional: true,
      status: 201,
      answer: 'NewKey',
      handle: async ({ tenant, path, body }) => showKey(await tenant.keys.rotate(path.id, body.overlapSeconds)),
    }),
    defineRoute<{ path: Identified }>({
      method: 'post',
      path: '/v1/keys/{id}/revoke',
      summary: 'Ends a key at once',
      access: ['admin'],
      answer: 'Key',
      handle: async ({ tenant, path }) => {
        await tenant.keys.revoke(path.id);
        return showKey(
          required(
            (await tenant.keys.list()).find(({ id }) => id === path.id),
            'NOT_FOUND',
            { key: path.id },
          ),
        );
      },
    }),
  ],
};
