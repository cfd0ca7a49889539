import type { ConsumerHandler } from '@tendril/plugin-api';

// A key has at most 200 bytes, a name may have more.
const LONGEST_NAME = 60;

/** The rows are committed together with the cursor. What is emitted is an event itself, and comes by here in its turn. */
export const watchNames: ConsumerHandler = async (events, call) => {
  const firsts = new Map<string, number>();
  for (const { name, position } of events) {
    const key = name.slice(0, LONGEST_NAME);
    if (!firsts.has(key)) firsts.set(key, position);
  }
  const names = [...firsts.keys()];
  const known = await call.table('names').getMany(names);
  for (const [index, name] of names.entries()) {
    if (known[index] !== undefined) continue;
    call.changes.put('names', { name, position: firsts.get(name) ?? 1 });
    call.changes.emit({ name: 'Event First Seen', properties: { event: name }, discriminator: name });
  }
};
