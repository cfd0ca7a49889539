import type { HubClient } from '../hub-client.ts';
import { personIdOf, questionsFor } from './people.ts';

/** How a lead is asked for: by its id, or by the person that an identity names. @throws CommandFault when nobody is known by it */
export async function leadIdOf(hub: HubClient, text: string): Promise<{ readonly id: string } | { readonly person: string }> {
  return questionsFor(text).length === 0 ? { id: text } : { person: await personIdOf(hub, text) };
}
