import { parse } from 'yaml';
import type { JsonObject } from '@tendril/plugin-api';
import { CannotCreate } from '../cannot-create.ts';
import { isObject, objectOf, textOf, wordOf } from './json-values.ts';

/** An OpenAPI description: 2.0, 3.0 or 3.1. */
export interface DescriptionDocument {
  readonly content: JsonObject;
  readonly version: '2' | '3';
  /** What a local `$ref` leads to; `undefined` for one that leads nowhere or out of the document. */
  find(reference: string): unknown;
  /** The value itself, or what its `$ref` leads to, through at most ten of them. */
  resolve(value: unknown): JsonObject;
}

const MOST_STEPS = 10;

/**
 * Reads the text of a description, JSON or YAML.
 *
 * @throws CannotCreate when it is neither
 */
export function parseOpenApi(text: string): unknown {
  try {
    // Aliases are kept few: a short text must not become a large document.
    return text.trimStart().startsWith('{') ? (JSON.parse(text) as unknown) : (parse(text, { maxAliasCount: 1_000 }) as unknown);
  } catch (error) {
    throw new CannotCreate(
      `The description is neither JSON nor YAML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'it does not parse'}`,
    );
  }
}

/** @throws CannotCreate when it is no description of a version that is known */
export function openDocument(value: unknown): DescriptionDocument {
  const version = isObject(value) ? (textOf(value['openapi']) ?? textOf(value['swagger']) ?? wordOf(value['swagger'])) : '';
  const major = version.startsWith('3.') ? '3' : version.startsWith('2') ? '2' : undefined;
  if (!isObject(value) || major === undefined)
    throw new CannotCreate('This is no OpenAPI description: it has to say `openapi: 3.…` or `swagger: "2.0"`.');
  if (!isObject(value['paths'])) throw new CannotCreate('The description has no `paths`, so there is nothing to make actions of.');
  const find = (reference: string): unknown => at(value, reference);
  return { content: value, version: major, find, resolve: (start) => resolve(start, find) };
}

function at(document: JsonObject, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let current: unknown = document;
  for (const token of reference.slice(2).split('/')) {
    const name = unescaped(token);
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[name];
  }
  return current;
}

function unescaped(token: string): string {
  const plain = token.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

function resolve(start: unknown, find: (reference: string) => unknown): JsonObject {
  let current = start;
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    const reference = objectOf(current)['$ref'];
    if (typeof reference !== 'string') return objectOf(current);
    current = find(reference);
  }
  return {};
}
