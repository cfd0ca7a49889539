import { TendrilError } from '@tendril/plugin-api';
import { defineRoute } from '../http/route.ts';
import type { Router, RouteRequest } from '../http/route.ts';
import type { SandboxEffect, SandboxMail, SandboxMailDetail, SandboxView } from '../options.ts';
import { withInstants } from './instants.ts';
import { pageOf, required } from './pages.ts';
import type { PageQuery } from './pages.ts';

interface Identified {
  readonly id: string;
}

// A stranger's HTML, shown in a frame: nothing in it may run, load or leave.
const MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

function showMail<Mail extends SandboxMail>({ id, receivedAt, from, to, subject }: Mail): object {
  return withInstants({ id, receivedAt, from, to, subject }, ['receivedAt']);
}

function showDetail(mail: SandboxMailDetail): object {
  return withInstants(mail, ['receivedAt']);
}

/** What arrived at the local mail sink and the vendors' sandboxes. */
export function createSandboxRouter(sandboxOf: (tenantId: string) => SandboxView | undefined): Router {
  function find(request: RouteRequest<unknown, unknown, unknown> | undefined): SandboxView {
    const view = request === undefined ? undefined : sandboxOf(request.tenant.tenant.id);
    if (view === undefined) throw new TendrilError('NOT_FOUND', { expected: 'a hub that runs sandboxes for this tenant' });
    return view;
  }

  async function effectsOf(view: SandboxView, service: string | undefined): Promise<readonly SandboxEffect[]> {
    const services = service === undefined ? await view.services() : [service];
    const effects = await Promise.all(services.map((each) => view.effects(each)));
    return effects.flat().toSorted((one, other) => other.at - one.at);
  }

  async function findMail(request: RouteRequest<Identified, unknown, unknown>): Promise<SandboxMailDetail> {
    return required(await find(request).mail(request.path.id), 'NOT_FOUND', { mail: request.path.id });
  }

  return {
    tag: 'sandbox',
    description: "What arrived at the local mail sink and at the vendors' sandboxes. Only for the tenant that the hub runs them for.",
    routes: [
      defineRoute<{ query: PageQuery }>({
        method: 'get',
        path: '/v1/sandbox/mails',
        summary: 'Mails of the local sink, newest first',
        access: ['read'],
        query: 'PageQuery',
        answer: 'MailPage',
        handle: async (request) => pageOf((await find(request).mails()).map(showMail), request.query),
      }),
      defineRoute<{ path: Identified }>({
        method: 'get',
        path: '/v1/sandbox/mails/{id}',
        summary: 'A mail with its parts',
        access: ['read'],
        answer: 'MailDetail',
        handle: async (request) => showDetail(await findMail(request)),
      }),
      {
        method: 'get',
        path: '/v1/sandbox/mails/{id}/html',
        summary: 'The HTML part of a mail, to be shown in a frame',
        access: ['read'],
        answerType: 'text/html',
        async write(_req, res, request) {
          const { html } = await findMail(request as RouteRequest<Identified, unknown, unknown>);
          res.setHeader('content-security-policy', MAIL_POLICY);
          res.type('html').send(required(html, 'NOT_FOUND', { part: 'html' }));
        },
      },
      defineRoute({
        method: 'get',
        path: '/v1/sandbox/services',
        summary: 'Sandboxes that are there',
        access: ['read'],
        answer: 'ServiceList',
        handle: async (request) => ({ items: await find(request).services() }),
      }),
      defineRoute<{ query: PageQuery & { readonly service?: string } }>({
        method: 'get',
        path: '/v1/sandbox/effects',
        summary: "Changes at the vendors' sandboxes, newest first",
        access: ['read'],
        query: 'EffectQuery',
        answer: 'EffectPage',
        handle: async (request) => {
          const effects = await effectsOf(find(request), request.query.service);
          return pageOf(
            effects.map((effect) => withInstants(effect, ['at'])),
            request.query,
          );
        },
      }),
    ],
  };
}
