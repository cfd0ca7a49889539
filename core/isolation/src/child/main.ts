import { resolve as resolvePath } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TendrilError } from '@tendril/plugin-api';
import type { Json } from '@tendril/plugin-api';
import { ByteStreams } from '../protocol/byte-streams.ts';
import { encodeMessage } from '../protocol/frames.ts';
import type { HubMessage } from '../protocol/messages.ts';
import { fromWireError, toWireError } from '../protocol/wire-error.ts';
import { Asking } from './asking.ts';
import { bindNetwork } from './bind-network.ts';
import { ChildCall } from './child-call.ts';
import type { ChildHost } from './child-host.ts';
import { harden } from './harden.ts';
import { registerHandlers } from './register-handlers.ts';
import type { Registered } from './register-handlers.ts';
import { running } from './running.ts';
import { Transport } from './transport.ts';
import type { FromHub } from './transport.ts';

type Start = Extract<HubMessage, { readonly type: 'start' }>;
type Invoke = Extract<HubMessage, { readonly type: 'invoke' }>;
type Handler = (...input: unknown[]) => unknown;

/** Serves the hub: loads the plugin when it is told to, then runs handlers until it is told to stop. */
export function serve(folder: string): void {
  const calls = new Map<number, ChildCall>();
  let host: ChildHost | undefined;
  let registered: Registered | undefined;
  const transport = new Transport(receive);
  const asking = new Asking(transport);
  let lastStream = 0;
  const streams = new ByteStreams(transport, () => true);
  harden();

  function receive(message: FromHub): void {
    switch (message.type) {
      case 'start':
        void start(message);
        break;
      case 'invoke':
        void invoke(message);
        break;
      case 'abort':
        abort(message.call, fromWireError(message.error));
        break;
      case 'reply':
        asking.answer(message);
        break;
      case 'ping':
        transport.post({ type: 'alive' });
        break;
      case 'stop':
        void stop();
        break;
      case 'bytes':
        streams.takeBytes(message.stream, message.bytes);
        break;
      default:
        streams.take(message);
    }
  }

  /** The handler sees the signal before its call is over, as in the hub's process. */
  function abort(number: number, reason: unknown): void {
    const call = calls.get(number);
    call?.abort(reason);
    setImmediate(() => call?.end());
  }

  async function start({ plugin, entry, handlers, tables }: Start): Promise<void> {
    host = { plugin, tables: new Set(tables), transport, asking, streams, nextStream: () => ++lastStream };
    bindNetwork(plugin);
    try {
      const loaded = (await import(pathToFileURL(resolvePath(folder, entry)).href)) as { readonly default?: unknown };
      registered = registerHandlers(plugin, loaded.default, handlers);
      transport.post({ type: 'ready', missing: registered.missing, surplus: registered.surplus });
    } catch (error) {
      transport.post({ type: 'faulty', error: toWireError(error, false) });
    }
  }

  async function invoke({ call: number, handler: key, method, input, facts }: Invoke): Promise<void> {
    if (host === undefined) return;
    const call = new ChildCall(host, number, key, facts);
    calls.set(number, call);
    try {
      const handler = find(key, method);
      // What came before this, an abort above all, takes its course first.
      await Promise.resolve();
      const value = await running.run(call, async () => handler(...withCall(key, input, call)));
      transport.postEncoded(encodeAnswer(number, value));
    } catch (error) {
      transport.post({ type: 'failed', call: number, error: toWireError(error, false) });
    } finally {
      calls.delete(number);
      call.end();
    }
  }

  function find(key: string, method: string | undefined): Handler {
    const found = registered?.handlers.get(key);
    const handler = method === undefined ? found : (found as Readonly<Record<string, unknown>>)[method];
    if (typeof handler !== 'function') throw new TendrilError('PLUGIN_IMPLEMENTATION_MISMATCH', { plugin: host?.plugin, missing: [key] });
    return method === undefined ? (handler as Handler) : (handler.bind(found) as Handler);
  }

  async function stop(): Promise<void> {
    const results = await Promise.allSettled((registered?.stops ?? []).map(async (each) => each()));
    transport.post({ type: 'stopped', isClean: results.every(({ status }) => status === 'fulfilled') });
    transport.flush();
    process.exit(0);
  }
}

function encodeAnswer(call: number, value: unknown): Buffer {
  try {
    return encodeMessage({ type: 'done', call, value: value as Json });
  } catch (error) {
    const reason = 'the answer cannot be written as JSON';
    throw new TendrilError('PLUGIN_FAULTY', { reason }, { cause: error });
  }
}

/** The call is the only input of a schedule, and the second of everything else. */
function withCall(key: string, input: readonly unknown[], call: ChildCall): readonly unknown[] {
  const at = key.startsWith('schedule ') ? 0 : 1;
  return [...input.slice(0, at), call, ...input.slice(at)];
}
