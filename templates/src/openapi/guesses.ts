/** Something that was guessed, and that a person should look at. */
export interface Guess {
  /** JSON pointer into the manifest. */
  readonly pointer: string;
  /** What was made of it and why, in a sentence. */
  readonly text: string;
}

/** Gathers guesses. */
export interface GuessList {
  readonly all: readonly Guess[];
  add(pointer: string, text: string): void;
}

export function createGuessList(): GuessList {
  const all: Guess[] = [];
  return { all, add: (pointer, text) => void all.push({ pointer, text }) };
}

/** A JSON pointer of the given member names. */
export function pointerTo(...names: readonly (string | number)[]): string {
  return names.map((name) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The checklist that lies beside the manifest. @param source name of the description's file */
export function reviewOf(title: string, source: string, guesses: readonly Guess[]): string {
  const groups = Map.groupBy(guesses, ({ pointer }) => groupOf(pointer));
  const sections = [...groups].map(
    ([name, group]) => `## ${name}\n\n${group.map(({ pointer, text }) => `- [ ] \`${pointer}\`: ${text}`).join('\n')}\n`,
  );
  return [
    `# What to look at in ${title}\n`,
    `\`plugin.json\` was made from \`${source}\`. A description does not say everything that Tendril needs to know; what follows was guessed. Tick what you have looked at, and delete this file when nothing is left.\n`,
    ...(guesses.length === 0 ? ['Nothing was guessed.\n'] : sections),
  ].join('\n');
}

function groupOf(pointer: string): string {
  const [, first = '', second = '', third = ''] = pointer.split('/');
  if (first === 'contributes' && second === 'actions') return `Action \`${third}\``;
  return first === 'connections' ? 'Connections' : 'The whole connector';
}
