import type { RegistryClient } from '@tendril/registry';
import { openRegistries } from '../open-registries.ts';
import type { PluginHome } from './plugin-home.ts';

/** The registries that can be asked; of the others it is noted that they cannot. */
export async function reachableRegistries({ home }: PluginHome, note: (text: string) => void): Promise<readonly RegistryClient[]> {
  return openRegistries(home, {
    note,
    onFault: (name, error) => note(`The registry ${name} cannot be used: ${error instanceof Error ? error.message : 'unknown error'}`),
  });
}
