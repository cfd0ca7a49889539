import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

// Members that reach other processes of the same user, which the permission model does not cover.
const OF_OTHER_PROCESSES = ['kill', '_kill', '_debugProcess', '_debugEnd'] as const;

/** Takes away what would let a plugin's code touch other processes, and gives its prints to stderr. */
export function harden(): void {
  for (const name of OF_OTHER_PROCESSES) replace(process, name, refusal(`process.${name}`));
  replace(os, 'setPriority', refusal('os.setPriority'));
  const { stderr } = process;
  Object.defineProperty(process, 'stdout', { get: () => stderr, configurable: false });
  syncBuiltinESMExports();
}

function replace(owner: object, name: string, value: unknown): void {
  Object.defineProperty(owner, name, { value, writable: false, configurable: false, enumerable: true });
}

function refusal(name: string): () => never {
  return () => {
    throw Object.assign(new Error('Access to this API has been restricted.'), { code: 'ERR_ACCESS_DENIED', permission: name });
  };
}
