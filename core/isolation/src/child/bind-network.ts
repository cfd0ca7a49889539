import type http from 'node:http';
import { registerHooks } from 'node:module';
import { TendrilError } from '@tendril/plugin-api';
import { fetchThroughHub } from './call-fetch.ts';
import { running } from './running.ts';

type AddRequest = (
  this: http.Agent,
  request: http.ClientRequest & { onSocket(socket: undefined, error: Error): void },
  options: http.RequestOptions,
) => void;

const HTTP_MODULES = new Set(['http', 'https', 'node:http', 'node:https']);

/**
 * Binds the global `fetch` and every agent of `http` and `https` to the running call, as the guard does in the hub's process:
 * a vendor library that brings agents of its own goes through the hub too. Sockets that it opens itself are refused by the
 * permission model.
 */
export function bindNetwork(plugin: string): void {
  bindFetch(plugin);
  // Only when somebody asks for them: they take 6 MB, in every process.
  let isBound = false;
  const bindOnce = (name: string): void => {
    if (isBound || !HTTP_MODULES.has(name)) return;
    isBound = true;
    bindAgents(plugin);
  };
  registerHooks({
    resolve: (specifier, context, next) => {
      bindOnce(specifier);
      return next(specifier, context);
    },
  });
  const getBuiltinModule = process.getBuiltinModule.bind(process);
  process.getBuiltinModule = (name: string) => {
    bindOnce(name);
    return getBuiltinModule(name);
  };
}

function bindFetch(plugin: string): void {
  globalThis.fetch = async (input, init) => {
    const call = running.getStore();
    if (call === undefined) throw outsideOfCall(plugin);
    const [url, options] = input instanceof Request ? [input.url, await fromRequest(input, init)] : [input, init];
    return fetchThroughHub(call, 'plainFetch', url, options);
  };
}

function bindAgents(plugin: string): void {
  // Not imported: an import would load everything that `http` offers lazily, WebSocket among it, which takes another 10 MB.
  const { Agent } = process.getBuiltinModule('node:http');
  const prototype = Agent.prototype as unknown as { addRequest: AddRequest };
  const original = prototype.addRequest;
  prototype.addRequest = function (request, options) {
    try {
      const call = running.getStore();
      if (call === undefined) throw outsideOfCall(plugin);
      if (typeof options.socketPath === 'string') throw new TendrilError('EGRESS_DENIED', { plugin, what: 'local socket' });
      const isSecure = request.protocol === 'https:';
      const agent = (isSecure ? call.agent.https : call.agent.http) as unknown as http.Agent;
      original.call(agent, request, options);
    } catch (error) {
      request.onSocket(undefined, error as Error);
    }
  };
}

function outsideOfCall(plugin: string): TendrilError {
  return new TendrilError('EGRESS_DENIED', { plugin, reason: 'nothing may be reached outside of a handler' });
}

async function fromRequest(request: Request, init: RequestInit | undefined): Promise<RequestInit> {
  const { method, headers, redirect, signal } = request;
  const body = request.body === null ? null : await request.arrayBuffer();
  return { method, headers, redirect, signal, body, ...init };
}
