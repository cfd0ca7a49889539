import type { Hub, Tenant } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Router } from '../http/route.ts';
import { showKey } from './apps-router.ts';
import type { KeyRequest } from './apps-router.ts';
import { withInstants } from './instants.ts';
import { pageOf } from './pages.ts';
import type { PageQuery } from './pages.ts';

interface NewTenant {
  readonly id: string;
  readonly name: string;
  readonly timeZone?: string;
}

function show(tenant: Tenant): object {
  return withInstants(tenant, ['createdAt']);
}

/** Tenants, for operators of the installation; and who asks, for everybody. */
export function createTenantsRouter(hub: Hub): Router {
  return {
    tag: 'tenants',
    description:
      'Isolated customers of the installation. Needs an admin of the tenant that the installation was started for: no admin of a customer sees another.',
    routes: [
      defineRoute<{ query: PageQuery }>({
        method: 'get',
        path: '/v1/tenants',
        summary: 'Tenants',
        access: 'operator',
        query: 'PageQuery',
        answer: 'TenantPage',
        handle: async ({ query }) => pageOf((await hub.admin.list()).map(show), query),
      }),
      defineRoute<{ body: NewTenant }>({
        method: 'post',
        path: '/v1/tenants',
        summary: 'Makes a tenant',
        access: 'operator',
        body: 'NewTenant',
        status: 201,
        answer: 'Tenant',
        handle: async ({ body }) => show(await hub.admin.create(body)),
      }),
      defineRoute<{ path: { readonly id: string }; body: KeyRequest }>({
        method: 'post',
        path: '/v1/tenants/{id}/keys',
        summary: 'Makes a key of a tenant, such as the first of a new one; its secret is shown this once',
        access: 'operator',
        body: 'KeyRequest',
        status: 201,
        answer: 'NewKey',
        handle: async ({ path, body }) => showKey(await (await hub.tenant(path.id)).keys.create(body)),
      }),
      defineRoute({
        method: 'get',
        path: '/v1/session',
        summary: 'Who asks, and what may be done',
        access: ['read', 'write', 'actions', 'pipelines', 'connections'],
        answer: 'Session',
        handle: ({ tenant, principal }) => Promise.resolve({ tenant: show(tenant.tenant), kind: principal.kind, scopes: principal.scopes }),
      }),
    ],
  };
}
