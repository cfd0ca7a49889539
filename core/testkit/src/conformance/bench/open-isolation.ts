import { TendrilError } from '@tendril/plugin-api';
import type { Isolation } from '@tendril/engine/plugins';

/** @throws TendrilError CONFIG_INVALID when this installation runs no plugins in processes of their own */
export async function openIsolation(): Promise<Isolation> {
  const library: { readonly createIsolation?: () => Isolation } = await import('@tendril/isolation');
  if (library.createIsolation === undefined)
    throw new TendrilError('CONFIG_INVALID', { setting: 'isolation', reason: 'it is not installed' });
  return library.createIsolation();
}
