import type { SyntaxNode } from './syntax.ts';

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };
const PART = /\\(?:[xX]([0-9a-fA-F]{2})|([0-3][0-7]{2})|([^]))|([^\\]+)/g;

/** The bytes of a literal such as `b'ÿ\x00'`: UTF-8 of what is written, and what its escapes say. */
export function readBytes(node: SyntaxNode): Uint8Array {
  const quoted = node.input.slice(node.start, node.end);
  const opening = /^[bB]("""|'''|"|')/.exec(quoted);
  const mark = opening?.[1] ?? '';
  if (opening === null || !quoted.endsWith(mark)) return node.args as Uint8Array;
  const written = quoted.slice(opening[0].length, quoted.length - mark.length);
  const parts: Uint8Array[] = [];
  for (const [, hex, octal, escape, plain] of written.matchAll(PART)) {
    if (plain !== undefined) parts.push(Buffer.from(plain));
    else if (hex !== undefined) parts.push(Uint8Array.of(Number.parseInt(hex, 16)));
    else if (octal !== undefined) parts.push(Uint8Array.of(Number.parseInt(octal, 8)));
    else parts.push(ESCAPES[escape ?? ''] === undefined ? Buffer.from(escape ?? '') : Uint8Array.of(ESCAPES[escape ?? ''] ?? 0));
  }
  return new Uint8Array(Buffer.concat(parts));
}
