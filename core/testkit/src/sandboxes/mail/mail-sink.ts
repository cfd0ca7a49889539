import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import type { ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { createFaults } from '../faults.ts';
import type { Fault, FaultKind } from '../faults.ts';
import type { Ledger } from '../ledger.ts';

/** A mail as the sink keeps it and `/mails/{id}` shows it. */
export interface KeptMail {
  readonly id: string;
  /** Without angle brackets. */
  readonly messageId: string;
  readonly from: string;
  /** The recipients of the envelope. */
  readonly to: readonly string[];
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly sizeBytes: number;
  /** Name of the file in the folder `mails`. */
  readonly file: string;
  readonly text: string;
  readonly html: string;
  /** Each header line's value, by name in lower case; several lines of a name are joined by a line break. */
  readonly headers: Readonly<Record<string, string>>;
}

const MAIL_FAULTS: readonly FaultKind[] = ['reject_temporary', 'reject_permanent', 'throttle', 'drop_before', 'drop_after', 'slow'];
const MAIL_LIMIT_BYTES = 25 * 1024 * 1024;

const REPLIES: Partial<Record<FaultKind, { readonly code: number; readonly text: string }>> = {
  reject_temporary: { code: 451, text: '4.3.0 Requested action aborted: local error in processing' },
  throttle: { code: 421, text: '4.7.0 Too many messages, slow down' },
  reject_permanent: { code: 550, text: '5.7.1 Message refused' },
};

async function readStream(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function writeDurably(path: string, content: Buffer): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function headersOf(mail: ParsedMail): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { key, line } of mail.headerLines) {
    const value = line
      .slice(line.indexOf(':') + 1)
      .replaceAll(/\r?\n[ \t]+/g, ' ')
      .trim();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}\n${value}`;
  }
  return headers;
}

class Refusal extends Error {
  readonly responseCode: number;

  constructor(code: number, text: string) {
    super(text);
    this.responseCode = code;
  }
}

/** Makes the SMTP server of the mail sink: a mail is a file and a row on disk before it is acknowledged. */
export function createMailSink(ledger: Ledger, folder: string, now: () => number): SMTPServer {
  const faults = createFaults(ledger);
  const sockets = new Map<number, Socket>();
  mkdirSync(join(folder, 'mails'), { recursive: true });

  function keep(content: Buffer, mail: ParsedMail, session: SMTPServerSession): void {
    const messageId = (mail.messageId ?? '').replaceAll(/[<>]/g, '');
    const id = String(ledger.nextNumber('mails')).padStart(10, '0');
    const to = session.envelope.rcptTo.map((recipient) => recipient.address);
    const at = now();
    const summary = { messageId, from: mail.from?.text ?? '', to, subject: mail.subject ?? '' };
    writeDurably(join(folder, 'mails', `${id}.eml`), content);
    const fields = {
      id,
      ...summary,
      at,
      sizeBytes: content.length,
      file: `${id}.eml`,
      text: mail.text ?? '',
      html: mail.html === false ? '' : mail.html,
      headers: headersOf(mail),
    };
    ledger.putRecord('mail', { id, fields }, messageId === '' ? {} : { messageId });
    ledger.recordEffect({ at, key: messageId === '' ? id : messageId, kind: 'mail', objectType: 'mail', objectId: id, fields: summary });
  }

  function receive(content: Buffer, mail: ParsedMail, session: SMTPServerSession): Promise<Fault | undefined> {
    return ledger.commit(() => {
      const fault = faults.take(MAIL_FAULTS);
      const reply = fault === undefined ? undefined : REPLIES[fault.kind];
      if (reply === undefined && fault?.kind !== 'drop_before') keep(content, mail, session);
      const status = reply?.code ?? (fault?.kind === 'drop_before' || fault?.kind === 'drop_after' ? 0 : 250);
      ledger.recordRequest({ at: now(), method: 'DATA', path: (mail.messageId ?? '').replaceAll(/[<>]/g, ''), status, fault: fault?.kind });
      return fault;
    });
  }

  async function takeMail(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const content = await readStream(stream);
    if (stream.sizeExceeded) throw new Refusal(552, '5.3.4 Message too big');
    const fault = await receive(content, await simpleParser(content), session);
    const reply = fault === undefined ? undefined : REPLIES[fault.kind];
    if (reply !== undefined) throw new Refusal(reply.code, reply.text);
    if (fault?.kind === 'drop_before' || fault?.kind === 'drop_after') sockets.get(session.remotePort)?.destroy();
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.delayMs ?? 1000).unref());
  }

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: MAIL_LIMIT_BYTES,
    closeTimeout: 100,
    onData: (stream, session, callback) => {
      takeMail(stream, session).then(() => callback(), callback);
    },
  });
  // A client that goes away in the middle of a command is no fault of the sink.
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    const port = socket.remotePort;
    if (port === undefined) return;
    sockets.set(port, socket);
    socket.on('close', () => sockets.delete(port));
  });
  return server;
}
