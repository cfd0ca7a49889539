import type { PluginMessage } from '../protocol/messages.ts';
import { parseSafely } from '../protocol/safe-json.ts';

/** What came is no message of the protocol. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
}

type Members = Readonly<Record<string, unknown>>;

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const MOST_NAMES = 1_000;

/** The message that a plugin's process sent. Takes nothing for granted. @throws MessageError */
export function readPluginMessage(text: string): PluginMessage {
  const message = asObject(parsed(text));
  const { type } = message;
  switch (type) {
    case 'alive':
      return { type };
    case 'done':
      // Any JSON: the schemas of the manifest check it where it is used.
      return { type, call: numberOf(message, 'call'), value: message['value'] as never };
    case 'failed':
      return { type, call: numberOf(message, 'call'), error: asObject(message['error']) };
    case 'ask':
      return {
        type,
        call: numberOf(message, 'call'),
        ask: numberOf(message, 'ask'),
        member: textOf(message, 'member'),
        input: listOf(message, 'input'),
      };
    case 'cancel':
      return { type, ask: numberOf(message, 'ask') };
    case 'log': {
      const level = LEVELS.find((each) => each === message['level']);
      if (level === undefined) throw new MessageError('no such level');
      return {
        type,
        call: numberOf(message, 'call'),
        level,
        fields: asObject(message['fields']) as never,
        message: textOf(message, 'message'),
      };
    }
    case 'taken':
      return { type, stream: numberOf(message, 'stream'), bytes: numberOf(message, 'bytes') };
    case 'end':
      return { type, stream: numberOf(message, 'stream') };
    case 'broken': {
      const { error } = message;
      return { type, stream: numberOf(message, 'stream'), ...(error !== undefined && { error: asObject(error) }) };
    }
    case 'ready':
      return { type, missing: namesOf(message, 'missing'), surplus: namesOf(message, 'surplus') };
    case 'faulty':
      return { type, error: asObject(message['error']) };
    case 'stopped':
      return { type, isClean: message['isClean'] === true };
    default:
      throw new MessageError('no such message');
  }
}

function parsed(text: string): unknown {
  try {
    return parseSafely(text);
  } catch {
    throw new MessageError('no JSON');
  }
}

function asObject(value: unknown): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MessageError('not an object');
  return value as Members;
}

function numberOf(message: Members, name: string): number {
  const value = message[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new MessageError(`${name} is no number`);
  return value;
}

function textOf(message: Members, name: string): string {
  const value = message[name];
  if (typeof value !== 'string') throw new MessageError(`${name} is no text`);
  return value;
}

function listOf(message: Members, name: string): readonly unknown[] {
  const value = message[name];
  if (!Array.isArray(value)) throw new MessageError(`${name} is no list`);
  return value;
}

function namesOf(message: Members, name: string): readonly string[] {
  return listOf(message, name)
    .slice(0, MOST_NAMES)
    .map((each) => String(each).slice(0, 200));
}
