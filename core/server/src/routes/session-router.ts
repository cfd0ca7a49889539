import type { Request } from 'express';
import type { AuthenticateNeeds } from '../access/authenticate.ts';
import { requireSameOrigin } from '../access/same-origin.ts';
import type { Router } from '../http/route.ts';
import { sendPage } from '../pages/html.ts';

const PER_MINUTE = 30;

/** The dashboard's session: the printed link opens it. */
export function createSessionRouter({ sessions, publicUrl }: AuthenticateNeeds): Router {
  const shared = { access: 'public', rateLimit: { perMinute: PER_MINUTE, by: 'address' } } as const;
  return {
    tag: 'session',
    description: 'The session of the dashboard.',
    routes: [
      {
        ...shared,
        method: 'get',
        path: '/open',
        summary: 'Opens a session by the token of the printed link and goes on to the dashboard',
        status: 303,
        async write(req, res) {
          await sessions.open(req, res);
          res.setHeader('referrer-policy', 'no-referrer');
          if (isOpen(req)) res.redirect(303, '/');
          else
            sendPage(res, 401, {
              title: 'This link is no longer good',
              content: '<p>Open the page by the link that <code>tendril start</code> prints.</p>',
            });
        },
      },
      {
        ...shared,
        method: 'delete',
        path: '/v1/session',
        summary: 'Ends the session',
        async write(req, res) {
          requireSameOrigin(req, publicUrl);
          await sessions.close(req);
          res.status(204).end();
        },
      },
    ],
  };

  function isOpen(req: Request): boolean {
    return sessions.tenantOf(req) !== undefined;
  }
}
