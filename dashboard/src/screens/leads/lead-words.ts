/** An amount of money: `€ 1,204`. */
export function tellMoney(cents: number, currency = 'EUR'): string {
  const digits = Math.abs(cents) < 10_000 ? 2 : 0;
  try {
    return new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
      maximumFractionDigits: digits,
      minimumFractionDigits: digits,
    }).format(cents / 100);
  } catch {
    // A currency that is none of ISO 4217.
    return `${(cents / 100).toFixed(digits)} ${currency}`;
  }
}

/** A part of a score in words: one half is average. */
export function tellPart(value: number | null): string {
  if (value === null) return 'not scored';
  if (value >= 0.7) return 'strong';
  if (value >= 0.55) return 'good';
  if (value > 0.45) return 'average';
  return value > 0.3 ? 'weak' : 'poor';
}
