import type { Sandboxes, startSandboxes as start } from './start-sandboxes.ts';

/** `startSandboxes`, loaded when it is called: a hub whose sandboxes run in a process of their own needs no mail server. */
export async function startSandboxes(...options: Parameters<typeof start>): Promise<Sandboxes> {
  const sandboxes = await import('./start-sandboxes.ts');
  return sandboxes.startSandboxes(...options);
}
