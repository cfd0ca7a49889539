import type { RouteHandler } from '@tendril/plugin-api';
import { formPage as pageOf, messagePage } from '../forms/form-page.ts';
import { createSigner } from '../forms/form-token.ts';
import type { FormsRow, Settings } from '../gen/manifest.gen.ts';

/** The page of a form. */
export const formPage: RouteHandler<Record<string, never>, string, Settings> = async ({ parameters }, call) => {
  const form = (await call.table<FormsRow>('forms').get(parameters['form'] ?? ''))?.value;
  const headers = { 'content-type': 'text/html', 'cache-control': 'no-store' };
  if (form === undefined || form.isOpen === false)
    return { status: 404, headers, body: messagePage(form ?? {}, 'There is no such form', '<p>It may have been closed.</p>') };
  const signer = await createSigner(call);
  return { headers, body: pageOf(form, { token: signer?.page(form.id, call.clock.now()) ?? '' }) };
};
