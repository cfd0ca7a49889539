import type { Budget } from '../bounds.ts';

/** Number of characters, as people count them who know Unicode: code points. */
export function codePoints(text: string, budget: Budget): number {
  budget.spend(text.length / 64);
  let count = text.length;
  for (let index = 0; index < text.length - 1; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(index + 1);
      if (next >= 0xdc00 && next <= 0xdfff) count -= 1;
    }
  }
  return count;
}
