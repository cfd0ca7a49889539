import { defineRoute } from '../http/route.ts';
import type { Route } from '../http/route.ts';
import type { EnvironmentQuery, Identified } from './environments.ts';

/** The address of a pipeline that a webhook starts. */
export const webhookRoutes: readonly Route[] = [
  defineRoute<{ path: Identified; query: EnvironmentQuery; body: { readonly secret: string } }>({
    method: 'put',
    path: '/v1/pipelines/{id}/webhook/secret',
    summary: 'Replaces what the senders of the webhook prove themselves with',
    description: 'It is sealed and never shown again.',
    access: ['pipelines'],
    query: 'EnvironmentQuery',
    body: 'WebhookSecret',
    handle: ({ tenant, path, query, body }) => tenant.webhooks.setSecret(path.id, body.secret, query.environment),
  }),
  defineRoute<{ path: Identified; query: EnvironmentQuery }>({
    method: 'post',
    path: '/v1/pipelines/{id}/webhook/rotate',
    summary: 'Gives the webhook another address; the old one is gone at once',
    access: ['pipelines'],
    query: 'EnvironmentQuery',
    answer: 'WebhookAddress',
    handle: ({ tenant, path, query }) => tenant.webhooks.rotate(path.id, query.environment),
  }),
];
