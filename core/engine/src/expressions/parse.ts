import type { Environment } from '@marcbachmann/cel-js';
import { checkMacro, checkSum, checkTernary } from './type-rules.ts';
import { macroOf, visitWritten } from './syntax.ts';
import type { SyntaxNode } from './syntax.ts';

/** A parsed expression. */
export interface Parsed {
  readonly root: SyntaxNode;
  readonly check: () => { readonly valid: boolean; readonly type?: string; readonly error?: unknown };
}

/** Parses an expression; types are not judged yet. @throws the library's error, with a place in the source */
export function parseExpression(environment: Environment, source: string): Parsed {
  const { text, fields } = takeQuotedFields(source);
  const program = environment.parse(text) as unknown as { readonly ast: SyntaxNode; readonly check: Parsed['check'] };
  const root = program.ast;
  visitWritten(root, (node) => {
    const field = node.op === '.' ? fields.get(node.pos) : undefined;
    if (field !== undefined) (node.args as [SyntaxNode, string])[1] = field;
    takeOver(node);
  });
  return { root, check: () => program.check() };
}

/** Puts our rules in place of the library's for macros and choices. */
function takeOver(node: SyntaxNode): void {
  const { meta } = node;
  if (node.op === '?:') meta.check = checkTernary;
  if (node.op === '+') meta.check = checkSum(meta.check);
  const macro = macroOf(node);
  if (macro === undefined) return;
  delete meta.alternate;
  meta.macro = { typeCheck: (...[checker, , names]: Parameters<TypeCheck>) => checkMacro(macro, checker, names) };
}

type TypeCheck = (checker: Parameters<typeof checkMacro>[1], macro: object, names: Parameters<typeof checkMacro>[2]) => unknown;

const QUOTED_FIELD = /"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/[^\n]*|\.`([a-zA-Z0-9_.\-/ ]+)`/g;

/**
 * The library does not read fields in quotes, `event.properties.`utm-source``: each becomes a name of the same length, so that
 * places stay, and is put back by its place.
 */
function takeQuotedFields(source: string): { readonly text: string; readonly fields: ReadonlyMap<number, string> } {
  const fields = new Map<number, string>();
  if (!source.includes('`')) return { text: source, fields };
  const text = source.replace(QUOTED_FIELD, (matched: string, field: string | undefined, offset: number) => {
    if (field === undefined) return matched;
    fields.set(offset + 1, field);
    return `.${'q'.repeat(matched.length - 1)}`;
  });
  return { text, fields };
}
