import type http from 'node:http';
import type https from 'node:https';
import type { Duplex } from 'node:stream';
import type { Agents } from '@tendril/plugin-api';
import type { OpenCall } from './open-call.ts';
import { Tunnel } from './tunnel.ts';

const TLS_TEXTS = ['servername', 'ca', 'cert', 'key', 'passphrase'] as const;

/** Real agents of Node whose connections are tunnels through the hub; they end with the call. */
export function createCallAgents(call: OpenCall): Agents {
  // Not imported, for the memory of processes that need neither.
  const { Agent: HttpAgent } = process.getBuiltinModule('node:http');
  const { Agent: HttpsAgent } = process.getBuiltinModule('node:https');

  class TunnelHttpAgent extends HttpAgent {
    override createConnection(options: http.ClientRequestArgs): Duplex {
      return new Tunnel(call, placeOf(options, 80));
    }
  }

  class TunnelHttpsAgent extends HttpsAgent {
    override createConnection(options: http.ClientRequestArgs): Duplex {
      return new Tunnel(call, { ...placeOf(options, 443), tls: tlsOf(options) });
    }
  }

  const agents = { http: new TunnelHttpAgent({ keepAlive: true }), https: new TunnelHttpsAgent({ keepAlive: true }) };
  call.closing.add(() => {
    agents.http.destroy();
    agents.https.destroy();
  });
  return agents;
}

function placeOf({ host, hostname, port }: http.ClientRequestArgs, defaultPort: number): { readonly host: string; readonly port: number } {
  return { host: host ?? hostname ?? 'localhost', port: Number(port ?? defaultPort) };
}

/** What can go over the wire of what Node's client takes. */
function tlsOf(options: https.RequestOptions): Readonly<Record<string, unknown>> {
  const texts = TLS_TEXTS.map((name) => [name, textOf(options[name])] as const).filter(([, text]) => text !== undefined);
  return { ...Object.fromEntries(texts), ...(options.rejectUnauthorized === false && { rejectUnauthorized: false }) };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((each) => textOf(each) ?? '').join('\n');
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : undefined;
}
