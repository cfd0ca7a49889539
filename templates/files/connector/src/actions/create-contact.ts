import type { ActionHandler } from '@tendril/plugin-api';
import { ask, textOf } from '../client.ts';
import type { CreateContactInput, CreateContactOutput } from '../gen/manifest.gen.ts';

/** Creates a contact. Every attempt carries the same key, so that the service creates one and not two. */
export const createContact: ActionHandler<CreateContactInput, CreateContactOutput> = async ({ email, name }, call) => {
  const answer = await ask(call, {
    method: 'POST',
    path: '/contacts',
    headers: { 'idempotency-key': call.idempotencyKey },
    body: { email, ...(name === undefined ? {} : { name }) },
  });
  return { id: textOf(answer, 'id') };
};
