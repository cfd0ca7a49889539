const OPENING = '([{';
const CLOSING = ')]}';

/**
 * The parts of a condition that are joined by `&&` at its top, as written. One part when there are no such parts, or
 * when something binds weaker than `&&` there (`||`, `? :`).
 */
export function splitConjunction(source: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at] ?? '';
    if (character === '"' || character === "'") at = endOfText(source, at);
    else if (character === '/' && source[at + 1] === '/') at = endOfLine(source, at);
    else if (OPENING.includes(character)) depth += 1;
    else if (CLOSING.includes(character)) depth -= 1;
    else if (depth === 0 && (character === '?' || source.startsWith('||', at))) return [source];
    else if (depth === 0 && source.startsWith('&&', at)) {
      parts.push(source.slice(start, at).trim());
      at += 1;
      start = at + 1;
    }
  }
  return [...parts, source.slice(start).trim()];
}

/** Where a quoted text ends that begins at `from`: of the library's kinds, `"`, `'`, three of them, raw with `r` before. */
function endOfText(source: string, from: number): number {
  const quote = source[from] ?? '';
  const end = source.startsWith(quote.repeat(3), from) ? quote.repeat(3) : quote;
  const isRaw = /(?:^|[^A-Za-z0-9_])(?:[rR][bB]?|[bB][rR])$/.test(source.slice(Math.max(0, from - 3), from));
  let at = from + end.length;
  while (at < source.length && !source.startsWith(end, at)) at += source[at] === '\\' && !isRaw ? 2 : 1;
  return at + end.length - 1;
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end === -1 ? source.length : end;
}
