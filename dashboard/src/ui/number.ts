const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** A count with separators: `48,210`. */
export function tellCount(count: number): string {
  return whole.format(count);
}

/** A count in little room: `48.2K`. */
export function tellCompact(count: number): string {
  return count < 10_000 ? whole.format(count) : compact.format(count);
}

const figure = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** Any number, with at most two digits behind the point: `1,204.5`. */
export function tellFigure(value: number): string {
  return figure.format(value);
}

/** A share of one as a percentage: `62%`. */
export function tellShare(ratio: number): string {
  const percent = ratio * 100;
  return `${percent > 0 && percent < 1 ? '<1' : String(Math.round(percent))}%`;
}

/** A rate: `12`, `0.4`. */
export function tellRate(perSecond: number): string {
  return perSecond >= 10 || perSecond === 0 ? String(Math.round(perSecond)) : perSecond.toFixed(1);
}

/** `1 run`, `2 runs`. */
export function tellPlural(count: number, one: string, many = `${one}s`): string {
  return `${tellCount(count)} ${count === 1 ? one : many}`;
}
