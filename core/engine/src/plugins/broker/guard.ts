import { syncBuiltinESMExports } from 'node:module';
import { guardDns } from './guard-dns.ts';
import { guardHttp } from './guard-http.ts';
import { guardSockets } from './guard-sockets.ts';
import { KnownAddresses } from './known-addresses.ts';

// One guard per process, however many hubs: what it refuses is decided by the scope of the running handler.
let users = 0;
let restore: (() => void) | undefined;

/**
 * Puts a guard on the process's sockets, resolvers and pools, so that a vendor library inside a handler reaches what
 * the plugin's manifest permits and nothing else. Code outside of handlers is not touched. A seat belt, not a wall:
 * code that wants to get out of its own process will.
 *
 * @returns how to take it off again; it stays while another hub of the process needs it
 */
export function installGuard(): () => void {
  users += 1;
  restore ??= putOn();
  let isOn = true;
  return () => {
    if (isOn) users -= 1;
    isOn = false;
    if (users > 0) return;
    restore?.();
    restore = undefined;
  };
}

function putOn(): () => void {
  const known = new KnownAddresses();
  const undo = [...guardSockets(known), ...guardDns(known), ...guardHttp()];
  syncBuiltinESMExports();
  return () => {
    for (const step of undo.toReversed()) step();
    syncBuiltinESMExports();
  };
}
