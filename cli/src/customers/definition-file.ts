import { parse, YAMLParseError } from 'yaml';
import { CommandFault } from '../failure.ts';
import { readText } from '../input.ts';

/**
 * Definitions in a YAML or JSON file: one object, or a list of them; `-` is standard input.
 *
 * @throws CommandFault with line and column when it is neither; the file system's error
 */
export function readDefinitions(path: string): readonly Readonly<Record<string, unknown>>[] {
  const name = path === '-' ? 'Standard input' : path;
  const value = parseText(readText(path), name);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.some((item) => typeof item !== 'object' || item === null || Array.isArray(item)))
    throw new CommandFault(`${name} holds no definition: one object, or a list of them.`);
  return list as readonly Readonly<Record<string, unknown>>[];
}

function parseText(text: string, name: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const [{ line, col } = { line: 1, col: 1 }] = error.linePos ?? [];
    throw new CommandFault(`${name}:${String(line)}:${String(col)} is not YAML: ${error.message.split('\n')[0] ?? ''}`);
  }
}
