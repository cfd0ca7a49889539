/** One part of a condition, as it is written. */
export interface Clause {
  readonly text: string;
  readonly start: number;
}

/**
 * Splits a condition at its outermost `&&`, or at its outermost `||` where it has no `&&` outside of brackets; one clause
 * when it has neither. `?:` binds more loosely than both: such a condition stays whole.
 */
export function clausesOf(source: string): { readonly joinedBy: '&&' | '||'; readonly clauses: readonly Clause[] } {
  const found = operatorsOf(source);
  const joinedBy: '&&' | '||' = found.some(({ operator }) => operator === '||') ? '||' : '&&';
  const whole = { joinedBy, clauses: [{ text: source.trim(), start: source.length - source.trimStart().length }] };
  if (found.some(({ operator }) => operator === '?')) return whole;
  const cuts = found.filter(({ operator }) => operator === joinedBy).map(({ at }) => at);
  if (cuts.length === 0) return whole;
  const clauses = [-2, ...cuts].map((cut, index) => {
    const raw = source.slice(cut + 2, cuts[index] ?? source.length);
    return { text: raw.trim(), start: cut + 2 + raw.length - raw.trimStart().length };
  });
  return { joinedBy, clauses };
}

interface Found {
  readonly operator: '&&' | '||' | '?';
  readonly at: number;
}

function operatorsOf(source: string): readonly Found[] {
  const found: Found[] = [];
  let depth = 0;
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at] ?? '';
    if (character === '"' || character === "'") at = endOfText(source, at);
    else if (source.startsWith('//', at)) at = Math.max(at, (source.indexOf('\n', at) + source.length) % source.length);
    else if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    else if (depth === 0 && character === '?') found.push({ operator: '?', at });
    else if (depth === 0 && (source.startsWith('&&', at) || source.startsWith('||', at))) {
      found.push({ operator: character === '&' ? '&&' : '||', at });
      at += 1;
    }
  }
  return found;
}

/** Place of the quote that ends the text that begins here. */
function endOfText(source: string, start: number): number {
  const quote = source[start] ?? '';
  const fence = source.startsWith(quote.repeat(3), start) ? quote.repeat(3) : quote;
  const isRaw = /r$/i.test(source.slice(0, start));
  let at = start + fence.length;
  while (at < source.length && !source.startsWith(fence, at)) at += source[at] === '\\' && !isRaw ? 2 : 1;
  return at + fence.length - 1;
}
