import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Pair, ParsedNode, Scalar, YAMLMap } from 'yaml';
import type { ErrorCode, Json, JsonObject } from '@tendril/plugin-api';
import type { PipelineFault } from '../hub.ts';

/** The largest source that is read, in bytes. */
export const MAX_SOURCE_BYTES = 256 * 1024;
const MAX_ALIASES = 50;
const MAX_NESTING = 200;
/** Nobody reads more at once. */
const MAX_FAULTS = 200;

/** A place in the document: keys and indexes from the root. */
export type Place = readonly (string | number)[];

/** A pipeline's source as data, which knows where each part of it stands. */
export interface PipelineSource {
  readonly data: JsonObject;
  /** @param at `key` points at the name of the member, `value` at its value */
  fault(
    code: ErrorCode,
    message: string,
    place: Place,
    options?: { readonly at?: 'key' | 'value'; readonly suggestion?: string | undefined },
  ): PipelineFault;
  /** As `fault`, at an offset of a text that stands at the place. `part` is what stands there. */
  faultWithin(
    code: ErrorCode,
    message: string,
    place: Place,
    part: { readonly text: string; readonly offset: number },
    suggestion?: string,
  ): PipelineFault;
}

/** Reads YAML or JSON. Never throws: what cannot be read comes back as faults. */
export function readSource(
  source: string,
  file?: string,
): { readonly source: PipelineSource } | { readonly faults: readonly PipelineFault[] } {
  const named = file === undefined ? {} : { file };
  const refuse = (message: string, line = 1, column = 1): { readonly faults: readonly PipelineFault[] } => ({
    faults: [{ code: 'PIPELINE_INVALID', message, ...named, line, column, pointer: '' }],
  });
  if (Buffer.byteLength(source) > MAX_SOURCE_BYTES) return refuse('The file is larger than 256 KB.');
  if (nestingOf(source) > MAX_NESTING) return refuse('The file is nested too deeply.');
  const lines = new LineCounter();
  try {
    const document = parseDocument(source, {
      lineCounter: lines,
      // The library compares each key with each other one: 20 000 keys would take it seconds.
      uniqueKeys: false,
      version: '1.2',
      merge: false,
      prettyErrors: false,
      stringKeys: true,
      // Sets, dates and bytes are no JSON.
      resolveKnownTags: false,
    });
    const tags = document.warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED');
    const problems = [...document.errors, ...tags].map(({ code, message, pos }) => ({ at: pos[0], message: inWords(code, message) }));
    if (problems.length === 0) problems.push(...repeatedKeys(document));
    const faults = problems.slice(0, MAX_FAULTS).map(({ at, message }): PipelineFault => {
      const { line, col } = lines.linePos(at);
      return { code: 'PIPELINE_INVALID', message, ...named, line, column: col, pointer: '' };
    });
    if (faults.length > 0) return { faults };
    const data = document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
    if (typeof data !== 'object' || data === null || Array.isArray(data))
      return refuse('A pipeline is an object: `pipeline:`, `trigger:`, `steps:`.');
    if (!isFinite(data as JsonObject)) return refuse('Numbers have to be finite: `.inf` and `.nan` are not allowed.');
    return { source: createSource(data as JsonObject, document, lines, source, named) };
  } catch (error) {
    return refuse(
      error instanceof ReferenceError ? 'The file expands too many aliases.' : 'The file is nested too deeply, or is not YAML.',
    );
  }
}

// Indentation cannot nest deep within 256 KB without being wide; brackets and dashes can, and the parser recurses on them.
function nestingOf(source: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of source) {
    if (character === '[' || character === '{') depth += 1;
    else if ((character === ']' || character === '}') && depth > 0) depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function repeatedKeys(document: Document.Parsed): readonly { readonly at: number; readonly message: string }[] {
  const found: { readonly at: number; readonly message: string }[] = [];
  visit(document, {
    Map: (_key, map) => {
      const names = new Set<unknown>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? key.value : key;
        if (names.has(name)) found.push({ at: spanOf(key)?.[0] ?? 0, message: 'This key is there twice.' });
        names.add(name);
      }
    },
  });
  return found;
}

function inWords(code: string, message: string): string {
  if (code === 'TAG_RESOLVE_FAILED') return 'Tags such as `!!binary` are not allowed.';
  const sentence = message.split('\n')[0] ?? '';
  return `This is not YAML: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}${/[.!?]$/.test(sentence) ? '' : '.'}`;
}

function isFinite(value: Json | undefined): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every((member: Json | undefined) => isFinite(member));
}

type Named = { readonly file?: string };

function createSource(data: JsonObject, document: Document.Parsed, lines: LineCounter, text: string, named: Named): PipelineSource {
  const pairs = new PairsByName();
  const rangeAt = (place: Place, at: 'key' | 'value'): readonly [number, number] => rangeOf(document, pairs, place, at);
  const faultAt = (
    offset: number,
    rest: Pick<PipelineFault, 'code' | 'message'>,
    place: Place,
    suggestion: string | undefined,
  ): PipelineFault => {
    const { line, col } = lines.linePos(offset);
    const said = suggestion === undefined ? {} : { suggestion };
    return { ...rest, ...named, line: Math.max(1, line), column: Math.max(1, col), pointer: pointerOf(place), ...said };
  };
  return {
    data,
    fault: (code, message, place, options = {}) =>
      faultAt(rangeAt(place, options.at ?? 'value')[0], { code, message }, place, options.suggestion),
    faultWithin: (code, message, place, part, suggestion) => {
      const [start, end] = rangeAt(place, 'value');
      // Escapes and folded lines move what is written; then the whole text is pointed at.
      const written = text.slice(start, end).indexOf(part.text);
      return faultAt(written === -1 ? start : start + written + part.offset, { code, message }, place, suggestion);
    },
  };
}

/** Members by name: a file with thousands of faults looks for as many. */
class PairsByName {
  readonly #known = new Map<YAMLMap, ReadonlyMap<string, ParsedPair>>();

  of(map: YAMLMap, name: string): ParsedPair | undefined {
    const known = this.#known.get(map) ?? new Map(map.items.filter(isNamed).map((pair) => [String(pair.key.value), pair]));
    this.#known.set(map, known);
    return known.get(name);
  }
}

type ParsedPair = Pair<Scalar, ParsedNode | null>;

function isNamed(item: unknown): item is ParsedPair {
  return isPair(item) && isScalar(item.key);
}

/** Where a place begins and ends; the nearest thing above it that exists when it does not. */
function rangeOf(document: Document.Parsed, pairs: PairsByName, place: Place, at: 'key' | 'value'): readonly [number, number] {
  let node: unknown = document.contents;
  let range: readonly [number, number] = spanOf(node) ?? [0, 0];
  for (const [index, step] of place.entries()) {
    const isLast = index === place.length - 1;
    if (isMap(node)) {
      const pair = pairs.of(node, String(step));
      if (pair === undefined) return range;
      range = (isLast && at === 'key' ? spanOf(pair.key) : (spanOf(pair.value) ?? spanOf(pair.key))) ?? range;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      range = spanOf(node) ?? range;
    } else return range;
  }
  return range;
}

function spanOf(node: unknown): readonly [number, number] | undefined {
  const { range } = (node ?? {}) as { readonly range?: readonly [number, number, number] | null };
  return range === undefined || range === null ? undefined : [range[0], range[1]];
}

/** A JSON pointer (RFC 6901). */
export function pointerOf(place: Place): string {
  return place.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The place that a JSON pointer of ajv names. */
export function placeOf(pointer: string): Place {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
