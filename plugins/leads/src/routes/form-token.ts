import { TendrilError } from '@tendril/plugin-api';
import type { JsonObject, RouteHandler } from '@tendril/plugin-api';
import { createSigner } from '../forms/form-token.ts';
import type { FormsRow, Settings } from '../gen/manifest.gen.ts';

/** The token that a script sends along, and the work that is asked of it. */
export const formToken: RouteHandler<Record<string, never>, JsonObject, Settings> = async ({ parameters }, call) => {
  const form = (await call.table<FormsRow>('forms').get(parameters['form'] ?? ''))?.value;
  const signer = await createSigner(call);
  if (form === undefined || form.isOpen === false || signer === undefined) throw new TendrilError('NOT_FOUND', { field: 'form' });
  return {
    headers: { 'cache-control': 'no-store' },
    body: { token: signer.page(form.id, call.clock.now()), workBits: form.protection?.workBits ?? 0 },
  };
};
