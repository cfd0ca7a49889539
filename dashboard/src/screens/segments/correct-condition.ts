/** A condition with what was meant in the place of what is wrong: a name keeps its quotes, a function its arguments. */
export function correctCondition(
  condition: string,
  { start, end }: { readonly start: number; readonly end: number },
  meant: string,
): string {
  return condition.slice(0, start) + correct(condition.slice(start, end), meant) + condition.slice(end);
}

function correct(wrong: string, meant: string): string {
  const quote = /^["']/.exec(wrong)?.[0];
  if (quote !== undefined) return meant.startsWith(quote) ? meant : quote + meant + quote;
  const name = /^[A-Za-z_]\w*(?=\s*\()/.exec(wrong)?.[0];
  return name === undefined || meant.includes('(') ? meant : meant + wrong.slice(name.length);
}
