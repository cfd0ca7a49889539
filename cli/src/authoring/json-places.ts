/** A place in a text; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A JSON text with the place of everything in it. */
export interface PlacedJson {
  readonly value: unknown;
  /** Where the member or element of a JSON pointer begins; the nearest thing around it when there is none. */
  placeOf(pointer: string): Place;
  /** Members that stand twice in one object, whose first value is lost. */
  readonly repeated: readonly { readonly pointer: string; readonly place: Place }[];
}

/** Why a text is not JSON, and where. */
export class JsonSyntaxFault extends Error {
  override readonly name = 'JsonSyntaxFault';
  readonly place: Place;

  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

const DEEPEST = 500;

/**
 * Reads JSON and remembers where everything stands.
 *
 * @throws JsonSyntaxFault for the first thing that is not JSON
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function readPlacedJson(source: string): PlacedJson {
  const text = source.charCodeAt(0) === 0xfeff ? ` ${source.slice(1)}` : source;
  const offsets = new Map<string, number>();
  const repeatedAt: { pointer: string; offset: number }[] = [];
  let at = 0;

  function fail(message: string, offset = at): never {
    throw new JsonSyntaxFault(message, placeAt(text, offset));
  }

  function skipBlanks(): void {
    while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
    if (text.startsWith('//', at) || text.startsWith('/*', at)) fail('JSON has no comments');
  }

  function take(character: string, after: string): void {
    skipBlanks();
    if (text.charAt(at) !== character) fail(`expected \`${character}\` ${after}, found ${shown(text, at)}`);
    at += 1;
  }

  function readValue(pointer: string, depth: number): unknown {
    skipBlanks();
    if (depth > DEEPEST) fail(`it is nested more than ${DEEPEST} deep`);
    if (!offsets.has(pointer)) offsets.set(pointer, at);
    const first = text.charAt(at);
    if (first === '{') return readObject(pointer, depth);
    if (first === '[') return readArray(pointer, depth);
    if (first === '"') return readString();
    return readWord();
  }

  function readObject(pointer: string, depth: number): unknown {
    const members = new Map<string, unknown>();
    at += 1;
    skipBlanks();
    if (text.charAt(at) === '}') {
      at += 1;
      return {};
    }
    for (;;) {
      skipBlanks();
      const start = at;
      if (text.charAt(at) === '}') fail('a comma stands before the closing `}`; take it out');
      if (text.charAt(at) !== '"') fail(`expected a name in double quotes, found ${shown(text, at)}`);
      const name = readString();
      const inner = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (members.has(name)) repeatedAt.push({ pointer: inner, offset: start });
      else offsets.set(inner, start);
      take(':', `after the name \`${name}\``);
      members.set(name, readValue(inner, depth + 1));
      skipBlanks();
      if (text.charAt(at) !== ',') break;
      at += 1;
    }
    if (text.charAt(at) === '"') fail('a comma is missing before this name');
    take('}', 'at the end of an object');
    return Object.fromEntries(members);
  }

  function readArray(pointer: string, depth: number): unknown {
    const elements: unknown[] = [];
    at += 1;
    skipBlanks();
    if (text.charAt(at) === ']') {
      at += 1;
      return elements;
    }
    for (;;) {
      skipBlanks();
      if (text.charAt(at) === ']') fail('a comma stands before the closing `]`; take it out');
      elements.push(readValue(`${pointer}/${elements.length}`, depth + 1));
      skipBlanks();
      if (text.charAt(at) !== ',') break;
      at += 1;
    }
    take(']', 'or a comma after an element');
    return elements;
  }

  function readString(): string {
    const start = at;
    at += 1;
    while (at < text.length && text.charAt(at) !== '"') {
      if (text.charAt(at) === '\n') fail('the text that begins here does not end on its line', start);
      at += text.charAt(at) === '\\' ? 2 : 1;
    }
    if (at >= text.length) fail('the text that begins here does not end', start);
    at += 1;
    return parsePart(start) as string;
  }

  function readWord(): unknown {
    const start = at;
    const [word = ''] = /^[^\s,:{}[\]"]*/.exec(text.slice(at, at + 400)) ?? [];
    if (word === '') fail(`expected a value, found ${shown(text, at)}`);
    if (word.startsWith("'")) fail('texts stand in double quotes');
    at += word.length;
    return parsePart(start);
  }

  function parsePart(start: number): unknown {
    const part = text.slice(start, at);
    try {
      return JSON.parse(part) as unknown;
    } catch {
      return fail(`${part.length > 40 ? `${part.slice(0, 40)}…` : part} is no JSON value`, start);
    }
  }

  const value = readValue('', 0);
  skipBlanks();
  if (at < text.length) fail(`expected the end, found ${shown(text, at)}`);
  return {
    value,
    placeOf: (pointer) => placeAt(text, nearestOffset(offsets, pointer)),
    repeated: repeatedAt.map(({ pointer, offset }) => ({ pointer, place: placeAt(text, offset) })),
  };
}

function nearestOffset(offsets: ReadonlyMap<string, number>, pointer: string): number {
  for (let near = pointer; near !== ''; near = near.slice(0, near.lastIndexOf('/'))) {
    const offset = offsets.get(near);
    if (offset !== undefined) return offset;
  }
  return offsets.get('') ?? 0;
}

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

function shown(text: string, at: number): string {
  return at >= text.length ? 'the end of the file' : `\`${text.charAt(at)}\``;
}
