/** What was known of a person before an outcome, and the outcome. */
export interface Example {
  /** Values by feature name; what was not known is missing. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly isPositive: boolean;
}

/** How a value enters the model. */
export interface Feature {
  readonly name: string;
  /** What people read in a reason. */
  readonly title: string;
  readonly kind: 'number' | 'category' | 'boolean';
  /** `log1p`: on a logarithmic scale, for amounts and counts. `bins`: by tenths of what occurs, for what is not straight. */
  readonly transform?: 'log1p' | 'bins';
}
