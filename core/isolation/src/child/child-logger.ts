import type { JsonObject, Logger } from '@tendril/plugin-api';
import { MOST_LOG_LINES } from '../protocol/messages.ts';
import type { OpenCall } from './open-call.ts';

const DEEPEST = 6;
const MOST_MEMBERS = 100;
const LONGEST_TEXT = 2_000;

/** `call.log`: lines go to the hub, which redacts and writes them. */
export class ChildLogger implements Logger {
  readonly #call: OpenCall;
  #lines = 0;

  constructor(call: OpenCall) {
    this.#call = call;
  }

  debug(fields: object, message: string): void {
    this.#write('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#write('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#write('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#write('error', fields, message);
  }

  #write(level: keyof Logger, fields: object, message: string): void {
    this.#call.assertAlive();
    this.#lines += 1;
    if (this.#lines > MOST_LOG_LINES) return;
    const { host, number } = this.#call;
    host.transport.post({ type: 'log', call: number, level, fields: plain(fields, 0) as JsonObject, message: toText(message) });
  }
}

/** What JSON can carry of it, as deep as the hub looks. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.slice(0, LONGEST_TEXT);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return { name: value.name, ...('code' in value && typeof value.code === 'string' && { code: value.code }) };
  if (depth > DEEPEST) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, MOST_MEMBERS).map((item) => plain(item, depth + 1));
  const members = Object.entries(value).slice(0, MOST_MEMBERS);
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member, depth + 1)]));
}

/** A plugin without types may say anything. */
function toText(message: unknown): string {
  return typeof message === 'string' ? message.slice(0, LONGEST_TEXT) : '';
}
