import type { Operation } from './operations.ts';

/** What an operation does to the world, as far as its description tells. */
export interface GuessedEffect {
  readonly effect: 'read' | 'write';
  readonly idempotency?: 'key' | 'natural' | 'none';
  /** Header that takes the key. */
  readonly keyHeader?: string;
  /** Why, where it is not certain. */
  readonly doubt?: string;
}

const READING = /(?:^|[_./-])(?:search|query|list|lookup|find|filter|read|get|fetch|info|history|count|test|export)(?:$|[_./-])/i;
const UPSERTING = /upsert|create[_-]?or[_-]?update|archive|unsubscribe|delete|remove/i;
const SENDING = /(?:^|[_./-])(?:send|message|messages|email|emails|sms|post_?message|notify)(?:$|[_./-])/i;
const KEY = /^(?:x-)?idempotency-?key$/i;

/** The doubt that belongs to what may reach a person; such an action has to be made `send` by hand. */
export function reachesPeople({ id, path, method }: Operation): boolean {
  return method === 'POST' && (SENDING.test(id) || SENDING.test(path));
}

export function guessEffect({ id, path, method, parameters }: Operation): GuessedEffect {
  if (method === 'GET') return { effect: 'read' };
  const keyHeader = parameters.find(({ name, place }) => place === 'header' && KEY.test(name))?.name;
  if (keyHeader !== undefined) return { effect: 'write', idempotency: 'key', keyHeader };
  if (method === 'PUT' || method === 'DELETE') return { effect: 'write', idempotency: 'natural' };
  const last =
    path
      .split('/')
      .filter((part) => part !== '' && !part.startsWith('{'))
      .at(-1) ?? '';
  if (method === 'POST' && (READING.test(last) || READING.test(id.split('_').at(-1) ?? '')))
    return { effect: 'read', doubt: 'it is a POST whose name says that it only reads' };
  if (method === 'PATCH')
    return { effect: 'write', idempotency: 'natural', doubt: 'the same PATCH again is taken to leave the same state' };
  if (UPSERTING.test(id) || UPSERTING.test(last))
    return { effect: 'write', idempotency: 'natural', doubt: 'its name says that the same call again leaves the same state' };
  return { effect: 'write', idempotency: 'none', doubt: 'nothing says that it may be repeated: after a lost answer a person decides' };
}
