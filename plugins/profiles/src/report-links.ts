import type { Call, EmittedEvent, Identities } from '@tendril/plugin-api';
import type { Settings } from './gen/manifest.gen.ts';
import type { Graph } from './graph.ts';
import type { Person } from './part.ts';

/** Tells followers which people became one, and which are two again. */
export function reportLinks(graph: Graph, call: Call<Settings>): void {
  for (const { kind, link, into, from } of graph.linkChanges()) {
    const person = graph.findPerson(into);
    const event: EmittedEvent = {
      name: `tendril.profiles.${kind}`,
      discriminator: link.id,
      properties: { into, from, reason: link.reason, link: link.id, intoPart: link.intoPart, fromPart: link.fromPart },
    };
    const identities = person === undefined ? undefined : loggedIdentities(person);
    call.changes.emit(identities === undefined ? event : { ...event, identities });
  }
}

/** An identity by which the log finds the events of a person. */
export function loggedIdentities({ parts }: Person): Identities | undefined {
  for (const kind of ['userId', 'anonymousId'] as const) {
    for (const { identities } of parts) {
      const found = identities.find((identity) => identity.startsWith(`${kind}:`));
      if (found !== undefined) return { [kind]: found.slice(kind.length + 1) };
    }
  }
  return undefined;
}
