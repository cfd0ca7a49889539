import { readFileSync } from 'node:fs';
import { CommandFault, EXIT } from './failure.ts';

/**
 * Text of a file; `-` is standard input.
 *
 * @throws the file system's error, which names the path
 */
export function readText(path: string): string {
  return readFileSync(path === '-' ? 0 : path, 'utf8');
}

/**
 * A JSON value that was typed or lies in a file.
 *
 * @param origin what to call it when it is none, such as `--input`
 * @throws CommandFault when it is not JSON
 */
export function parseJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandFault(`${origin} is not JSON: ${error instanceof Error ? error.message : 'it cannot be read'}`, EXIT.commandLine);
  }
}

/**
 * A JSON object that was typed or lies in a file.
 *
 * @param origin what to call it when it is none, such as `--input`
 * @throws CommandFault when it is none
 */
export function parseJsonObject(text: string, origin: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text, origin);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CommandFault(`${origin} is not a JSON object, such as {"name": "value"}.`, EXIT.commandLine);
  }
  return value as Readonly<Record<string, unknown>>;
}

/**
 * A JSON object: typed, or in a file.
 *
 * @param given JSON that begins with `{`, the name of a file, or `-` for standard input
 * @param origin what to call it when it is none, such as `--input`
 * @throws CommandFault when it is none; the file system's error
 */
export function readJsonObject(given: string, origin: string): Readonly<Record<string, unknown>> {
  const isTyped = given.trimStart().startsWith('{');
  return parseJsonObject(isTyped ? given : readText(given), isTyped ? origin : `${given} of ${origin}`);
}
