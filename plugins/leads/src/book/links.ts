import type { LeadsRow } from '../gen/manifest.gen.ts';

/** Why two are one: people who were merged, or leads with one address or number. */
export type Link = NonNullable<LeadsRow['links']>[number];

/** A lead by its id with the people that are its own. */
export interface Node {
  readonly id: string;
  readonly people: readonly string[];
}

/** The same link once. */
export function withLinks(known: readonly Link[], more: readonly Link[]): readonly Link[] {
  return [...new Map([...known, ...more].map((link) => [JSON.stringify([link.by, link.left, link.right, link.of]), link])).values()];
}

/** Leads that hang together by links, directly, by way of a person whom they share, or by others. */
export function componentsOf(nodes: readonly Node[], links: readonly Link[]): readonly (readonly string[])[] {
  const parents = new Map<string, string>();
  const rootOf = (name: string): string => {
    let root = name;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    return root;
  };
  const unite = (left: string, right: string): void => {
    const [one, other] = [rootOf(left), rootOf(right)];
    if (one !== other) parents.set(other, one);
  };
  for (const { id, people } of nodes) for (const person of people) unite(`lead ${id}`, `person ${person}`);
  for (const { by, left, right } of links) {
    const kind = by === 'people' ? 'person' : 'lead';
    unite(`${kind} ${left}`, `${kind} ${right}`);
  }
  return [...Map.groupBy(nodes, ({ id }) => rootOf(`lead ${id}`)).values()].map((group) => group.map(({ id }) => id));
}

/** Those of the links that concern a component. */
export function linksOf(links: readonly Link[], nodes: readonly Node[], component: readonly string[]): readonly Link[] {
  const inside = new Set(component);
  const leads = nodes.filter(({ id }) => inside.has(id));
  const reached = new Set(leads.flatMap(({ id, people }) => [`lead ${id}`, ...people.map((person) => `person ${person}`)]));
  // A link may hang on another: people who are no lead of their own may stand between two.
  for (let grows = true; grows;) {
    grows = false;
    for (const { by, left, right } of links) {
      const kind = by === 'people' ? 'person' : 'lead';
      const [one, other] = [`${kind} ${left}`, `${kind} ${right}`];
      if (reached.has(one) === reached.has(other)) continue;
      reached.add(one).add(other);
      grows = true;
    }
  }
  return links.filter(({ by, left }) => reached.has(`${by === 'people' ? 'person' : 'lead'} ${left}`));
}
