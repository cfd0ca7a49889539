import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Pair, ParsedNode } from 'yaml';
import type { ErrorCode, Json, JsonObject } from '@tendril/plugin-api';
import type { PipelineFault } from '../hub.ts';

/** The largest source that is read, in bytes. */
export const MAX_SOURCE_BYTES = 256 * 1024;
const MAX_ALIASES = 50;
const MAX_NESTING = 200;

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
      uniqueKeys: true,
      version: '1.2',
      merge: false,
      prettyErrors: false,
      stringKeys: true,
    });
    const faults = document.errors.map((error): PipelineFault => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { code: 'PIPELINE_INVALID', message: inWords(error.code, error.message), ...named, line, column: col, pointer: '' };
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

function inWords(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'This key is there twice.';
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
  const rangeAt = (place: Place, at: 'key' | 'value'): readonly [number, number] => rangeOf(document, place, at);
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

/** Where a place begins and ends; the nearest thing above it that exists when it does not. */
function rangeOf(document: Document.Parsed, place: Place, at: 'key' | 'value'): readonly [number, number] {
  let node: unknown = document.contents;
  let range: readonly [number, number] = spanOf(node) ?? [0, 0];
  for (const [index, step] of place.entries()) {
    const isLast = index === place.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(
        (item): item is Pair<ParsedNode, ParsedNode | null> =>
          isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
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
