import { TendrilError } from '@tendril/plugin-api';
import type { Connection } from '@tendril/plugin-api';
import type { Transporter } from 'nodemailer';
import { hasControls } from './compose.ts';

/** A connection's fields, checked. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly isSandbox: boolean;
  readonly login: { readonly user: string; readonly pass: string } | undefined;
  readonly from: { readonly name: string; readonly address: string };
  readonly sinkUrl: string | undefined;
}

const CONNECT_MS = 10_000;
const IDLE_MS = 20_000;

/** @throws TendrilError CONNECTION_INVALID naming the field */
export function readServer({ values, isSandbox }: Connection): MailServer {
  const text = (field: string): string | undefined => {
    const value = values[field];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const host = text('host');
  if (host === undefined || hasControls(host)) throw new TendrilError('CONNECTION_INVALID', { field: 'host' });
  const isSecure = values['secure'] === true;
  const port = typeof values['port'] === 'number' ? values['port'] : isSecure ? 465 : 587;
  const user = text('user');
  const pass = text('password');
  if ((user === undefined) !== (pass === undefined))
    throw new TendrilError('CONNECTION_INVALID', { field: user === undefined ? 'user' : 'password' });
  const login = user === undefined || pass === undefined ? undefined : { user, pass };
  return { host, port, isSecure, isSandbox, login, from: readSender(text('from') ?? ''), sinkUrl: text('sinkUrl') };
}

/** A transport for one mail, without a pool or retries of its own: the host does both. Closes itself. */
export async function createTransport(server: MailServer): Promise<Transporter> {
  const { createTransport: create } = await import('nodemailer');
  return create({
    host: server.host,
    port: server.port,
    secure: server.isSecure,
    // A password never travels in the clear, except to a sandbox.
    requireTLS: !server.isSecure && !server.isSandbox && server.login !== undefined,
    ignoreTLS: !server.isSecure && server.isSandbox,
    ...(server.login === undefined ? {} : { auth: server.login }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: IDLE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

function readSender(from: string): MailServer['from'] {
  const match = /^\s*(?:"?([^"<>]*?)"?\s*<)?([^\s@<>,;"]+@[^\s@<>,;"]+?)>?\s*$/.exec(from);
  const address = match?.[2];
  if (address === undefined || hasControls(from)) throw new TendrilError('CONNECTION_INVALID', { field: 'from' });
  return { name: match?.[1] ?? '', address };
}
