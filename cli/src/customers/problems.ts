/** Something that is allowed and looks like a mistake, in a condition. */
export interface Warning {
  readonly message: string;
  readonly start?: number;
  readonly end?: number;
}

/** A line for each, with what in the condition it is about. */
export function warningLines(warnings: readonly Warning[], condition = ''): readonly string[] {
  return warnings.map(({ message, start, end }) => {
    const part = start === undefined ? '' : condition.slice(start, end);
    return `warning: ${part === '' ? '' : `\`${part}\`: `}${message}`;
  });
}

/** A share as a percentage, for tables. */
export function percent(ratio: number | null | undefined): string {
  return typeof ratio === 'number' ? `${(ratio * 100).toFixed(1)} %` : '-';
}
