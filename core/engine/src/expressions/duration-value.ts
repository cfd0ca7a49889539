import { EvaluationError } from './evaluation-error.ts';

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
/** What 64 bits of nanoseconds hold: 292 years. */
const MAX_NANOSECONDS = 9_223_372_036_854_775_807n;

/** A length of time, in nanoseconds. */
export class Duration {
  readonly nanoseconds: bigint;

  /** @throws EvaluationError when it is longer than 292 years */
  constructor(nanoseconds: bigint) {
    if (nanoseconds > MAX_NANOSECONDS || nanoseconds < -MAX_NANOSECONDS) throw new EvaluationError('range', 'A duration is out of range.');
    this.nanoseconds = nanoseconds;
  }

  static ofMilliseconds(milliseconds: number): Duration {
    return new Duration(BigInt(milliseconds) * NANOSECONDS_PER_MILLISECOND);
  }

  /** Whole milliseconds, rounded down. */
  get milliseconds(): number {
    const whole = this.nanoseconds / NANOSECONDS_PER_MILLISECOND;
    return Number(this.nanoseconds < 0n && whole * NANOSECONDS_PER_MILLISECOND !== this.nanoseconds ? whole - 1n : whole);
  }

  /** `90s`, `-1.5s`. */
  toString(): string {
    const sign = this.nanoseconds < 0n ? '-' : '';
    const length = this.nanoseconds < 0n ? -this.nanoseconds : this.nanoseconds;
    const fraction = String(length % NANOSECONDS_PER_SECOND)
      .padStart(9, '0')
      .replace(/0+$/, '');
    return `${sign}${String(length / NANOSECONDS_PER_SECOND)}${fraction === '' ? '' : `.${fraction}`}s`;
  }
}

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: NANOSECONDS_PER_MILLISECOND,
  s: NANOSECONDS_PER_SECOND,
  m: 60n * NANOSECONDS_PER_SECOND,
  h: 3_600n * NANOSECONDS_PER_SECOND,
  d: 86_400n * NANOSECONDS_PER_SECOND,
};

const WHOLE = /^[+-]?(?:\d{1,15}(?:\.\d{0,9})?(?:ns|us|µs|ms|s|m|h|d))+$/;
const PART = /(\d{1,15})(?:\.(\d{0,9}))?(ns|us|µs|ms|s|m|h|d)/g;

/** Reads `90s`, `1h30m`, `-1.5h`; `2d` is 48 hours. @returns `undefined` when it is no duration */
export function parseDurationValue(text: string): Duration | undefined {
  if (text.length > 100 || !WHOLE.test(text)) return undefined;
  let total = 0n;
  for (const [, whole = '0', fraction = '', unit = 's'] of text.matchAll(PART)) {
    const nanoseconds = NANOSECONDS[unit] ?? 0n;
    total += BigInt(whole) * nanoseconds + (BigInt(fraction.padEnd(9, '0')) * nanoseconds) / NANOSECONDS_PER_SECOND;
  }
  return new Duration(text.startsWith('-') ? -total : total);
}
