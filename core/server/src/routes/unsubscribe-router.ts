import type { Request, Response } from 'express';
import { TendrilError } from '@tendril/plugin-api';
import type { GovernorService, Hub } from '@tendril/engine';
import type { Route, Router } from '../http/route.ts';
import { readBody } from '../http/read-body.ts';
import { escapeHtml, sendPage } from '../pages/html.ts';

const PER_MINUTE = 30;
const BODY_LIMIT = { bytes: 16 * 1024, code: 'REQUEST_TOO_LARGE' } as const;

/**
 * The way out that is in every mail. Looking never acts: link scanners of mail providers look.
 *
 * A token begins with its tenant and a dot; what follows is the governor's own.
 *
 * @see RFC 8058, one-click unsubscribe
 */
export function createUnsubscribeRouter(hub: Hub): Router {
  async function findGovernor(token: string): Promise<GovernorService> {
    const [tenantId = ''] = token.split('.', 1);
    return (await hub.tenant(tenantId)).governor;
  }

  const look = answerWithPages(async (req, res) => {
    const token = tokenOf(req);
    const { channel, purpose, addressHint } = await (await findGovernor(token)).describeUnsubscribe(token);
    const content =
      `<p>No more messages by ${escapeHtml(channel)} to <strong>${escapeHtml(addressHint)}</strong> (${escapeHtml(purpose)})?</p>` +
      '<form method="post"><button type="submit" name="confirm" value="yes">Unsubscribe</button></form>';
    sendPage(res, 200, { title: 'Unsubscribe', content });
  });

  const act = answerWithPages(async (req, res) => {
    const token = tokenOf(req);
    // Mail providers post `List-Unsubscribe=One-Click`, the page's form its button: both mean the same, so only the size counts.
    await readBody(req, BODY_LIMIT);
    await (await findGovernor(token)).unsubscribe(token);
    sendPage(res, 200, { title: 'You are unsubscribed', content: '<p>You will get no more of these messages.</p>' });
  });

  const shared = {
    path: '/u/{token}',
    access: 'public',
    answerType: 'text/html',
    rateLimit: { perMinute: PER_MINUTE, by: 'address' },
  } as const;
  const routes: readonly Route[] = [
    { ...shared, method: 'get', summary: 'The page that asks whether to unsubscribe', write: look },
    { ...shared, method: 'post', summary: "Unsubscribes, by the page's button or a mail provider's one click", write: act },
  ];
  return { tag: 'unsubscribe', description: 'The way out that is in every mail.', routes };
}

function tokenOf(req: Request): string {
  const { token } = req.params;
  return typeof token === 'string' ? token : '';
}

function answerWithPages(answer: (req: Request, res: Response) => Promise<void>): (req: Request, res: Response) => Promise<void> {
  return async (req, res) => {
    try {
      await answer(req, res);
    } catch (failure) {
      if (!TendrilError.is(failure) || failure.code !== 'NOT_FOUND') throw failure;
      sendPage(res, 404, {
        title: 'This link is not known',
        content: '<p>It may be incomplete. Please open it from the message again.</p>',
      });
    }
  };
}
