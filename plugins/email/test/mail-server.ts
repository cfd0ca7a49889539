import type { AddressInfo, Socket } from 'node:net';
import { simpleParser } from 'mailparser';
import type { ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';

/** A real SMTP server on a free port, with what it received. */
export interface MailServerUnderTest {
  readonly port: number;
  readonly mails: { readonly mail: ParsedMail; readonly raw: string; readonly recipients: readonly string[] }[];
  onConnection(listener: (socket: Socket) => void): void;
  close(): Promise<void>;
}

/** An answer of an SMTP server that is not 2xx. */
export function refusal(responseCode: number): Error {
  return Object.assign(new Error('no mail for ada@example.invalid'), { responseCode });
}

export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServerUnderTest> {
  const mails: MailServerUnderTest['mails'] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString();
        simpleParser(raw).then((mail) => {
          mails.push({ mail, raw, recipients: session.envelope.rcptTo.map(({ address }) => address) });
          callback();
        }, callback);
      });
    },
    ...options,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    onConnection: (listener) => void server.server.on('connection', listener),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
