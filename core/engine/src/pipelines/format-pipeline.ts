import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Pair, YAMLMap } from 'yaml';
import { pipelineSchema } from '@tendril/schemas';
import type { PipelineFault } from './contract.ts';
import { readSource } from './source.ts';

/** A part of the schema of pipelines, as far as the order of keys needs it. */
interface OrderSchema {
  readonly $ref?: string;
  readonly anyOf?: readonly OrderSchema[];
  readonly type?: string | readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, OrderSchema>>;
  readonly additionalProperties?: OrderSchema | boolean;
  readonly items?: OrderSchema;
}

const SCHEMA = pipelineSchema as unknown as OrderSchema & { readonly $defs: Readonly<Record<string, OrderSchema>> };
const LAYOUT = { indent: 2, indentSeq: true, lineWidth: 0, flowCollectionPadding: true } as const;
/** How often it is formatted again until nothing changes any more. */
const ROUNDS = 4;

/**
 * Writes a pipeline the one way: keys in the order of the schema, two spaces. Comments, quotes and durations stay as they
 * are; what it says is the same. Formatting twice gives what formatting once gives.
 *
 * @returns the faults when it is neither YAML nor JSON; other faults do not matter here
 */
export function formatPipeline(text: string, file?: string): { readonly text: string } | { readonly faults: readonly PipelineFault[] } {
  const read = readSource(text, file);
  if ('faults' in read) return read;
  if (isJson(text)) return { text: formatJson(text) };
  let current = text;
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = formatOnce(current);
    if (next === current) break;
    current = next;
  }
  return { text: current };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function formatJson(text: string): string {
  const document = parseDocument(text);
  sortKeys(document.contents, SCHEMA);
  return `${JSON.stringify(document.toJS(), undefined, 2)}\n`;
}

function formatOnce(text: string): string {
  const document = parse(text);
  sortKeys(document.contents, SCHEMA);
  const first = isMap(document.contents) ? document.contents.items[0]?.key : undefined;
  if (isScalar(first) && (document.commentBefore ?? '') === '') first.spaceBefore = false;
  const sorted = write(document);
  if (sorted !== undefined && saysTheSame(sorted, text)) return sorted;
  // An alias may not stand before what it repeats: then the order stays as it is.
  const plain = write(parse(text));
  return plain !== undefined && saysTheSame(plain, text) ? plain : text;
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, { uniqueKeys: true, merge: false, version: '1.2' });
}

function write(document: Document.Parsed): string | undefined {
  try {
    return document.toString(LAYOUT);
  } catch {
    return undefined;
  }
}

function saysTheSame(one: string, other: string): boolean {
  const [left, right] = [parse(one), parse(other)];
  return left.errors.length === 0 && isDeepStrictEqual(left.toJS(), right.toJS());
}

function sortKeys(node: unknown, schema: OrderSchema | undefined): void {
  const meant = schema && resolve(schema, node);
  if (meant === undefined) return;
  if (isSeq(node)) {
    for (const item of node.items) sortKeys(item, meant.items);
    return;
  }
  if (!isMap(node)) return;
  const others = typeof meant.additionalProperties === 'object' ? meant.additionalProperties : undefined;
  for (const pair of node.items) sortKeys(pair.value, meant.properties?.[nameOf(pair)] ?? others);
  if (meant.properties !== undefined) sortPairs(node, Object.keys(meant.properties));
}

/** Of alternatives the first whose required keys are there. */
function resolve(schema: OrderSchema, node: unknown): OrderSchema | undefined {
  const referred = schema.$ref === undefined ? schema : SCHEMA.$defs[schema.$ref.replace('#/$defs/', '')];
  if (referred?.anyOf === undefined) return referred;
  const alternatives = referred.anyOf.map((alternative) => resolve(alternative, node));
  return alternatives.find((alternative) => alternative !== undefined && fits(alternative, node));
}

function fits({ type, required = [] }: OrderSchema, node: unknown): boolean {
  if (isSeq(node)) return type === 'array';
  return isMap(node) && type === 'object' && required.every((name) => node.has(name));
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

/** Keys that the schema does not know stay behind the others. */
function sortPairs(map: YAMLMap, order: readonly string[]): void {
  const rank = (pair: Pair): number => {
    const index = order.indexOf(nameOf(pair));
    return index === -1 ? order.length : index;
  };
  const sorted = map.items.toSorted((one, other) => rank(one) - rank(other));
  const [first] = map.items;
  if (first === undefined || sorted[0] === first) {
    map.items = sorted;
    return;
  }
  // What stands above the first key belongs to it, and goes where it goes.
  if (typeof map.commentBefore === 'string' && isScalar(first.key)) {
    first.key.commentBefore = map.commentBefore;
    map.commentBefore = null;
  }
  const top = sorted[0]?.key;
  if (isScalar(top)) {
    if (isScalar(first.key) && top.spaceBefore === true) first.key.spaceBefore = true;
    top.spaceBefore = false;
  }
  map.items = sorted;
}
