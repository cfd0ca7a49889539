import { TendrilError } from '@tendril/plugin-api';
import type { ConnectionRecord, Connections } from '../../vault/index.ts';
import { verifyWebhook } from '../../webhooks/index.ts';
import type { SignedRequest } from '../../webhooks/index.ts';
import type { PluginWebhookRow } from './addresses.ts';
import type { LoadedWebhook } from './plugin-webhooks.ts';

/**
 * Makes sure that a delivery comes from who knows the secret: that of the address, or that of one of the tenant's accounts
 * where the manifest names a field of them.
 *
 * @returns the account whose secret it was, or else the one that the plugin would use; `undefined` when that is not clear
 * @throws TendrilError WEBHOOK_UNVERIFIED with the `reason`
 */
export async function proveSender(
  connections: Connections,
  tenantId: string,
  loaded: LoadedWebhook,
  { row, request, now }: { readonly row: PluginWebhookRow; readonly request: SignedRequest; readonly now: number },
): Promise<ConnectionRecord | undefined> {
  const { plugin, webhook } = loaded;
  const { verify, header, secret: field } = webhook;
  const fitting = (await connections.list(tenantId)).filter((record) => record.plugin === plugin.id);
  const usual = fitting.find(({ name }) => name === plugin.id) ?? (fitting.length === 1 ? fitting[0] : undefined);
  if (verify === 'handler' || verify === 'none') return usual;
  const verification = { scheme: verify, ...(header !== undefined && { header }) };
  if (field === undefined) {
    verifyWebhook(verification, row.secret, request, now);
    return usual;
  }
  const candidates = fitting.filter(({ values }) => typeof values[field] === 'string');
  for (const candidate of candidates.slice(0, -1)) {
    if (isProven(() => verifyWebhook(verification, candidate.values[field] as string, request, now))) return candidate;
  }
  const last = candidates.at(-1);
  verifyWebhook(verification, last?.values[field] as string | undefined, request, now);
  return last;
}

function isProven(verify: () => void): boolean {
  try {
    verify();
    return true;
  } catch (error) {
    if (TendrilError.is(error) && error.code === 'WEBHOOK_UNVERIFIED') return false;
    throw error;
  }
}
