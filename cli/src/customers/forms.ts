import type { Warning } from './problems.ts';

/** A form as it is listed. */
export interface ShownForm {
  readonly id: string;
  readonly title: string;
  readonly isOpen: boolean;
  readonly isDoubleOptIn: boolean;
  readonly path: string;
  readonly savedAt: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly warnings: readonly Warning[];
}

/** A form with all that is saved of it. */
export interface FormDetail extends Omit<ShownForm, 'isOpen' | 'isDoubleOptIn'> {
  readonly isOpen?: boolean;
  readonly doubleOptIn?: { readonly isOn: boolean };
  readonly fields: readonly { readonly name: string; readonly type: string; readonly label: string; readonly isRequired?: boolean }[];
  readonly snippet?: string;
  readonly script?: string;
}

/** What is saved of a form: without where it is, what came of it and what is the matter with it. */
export function definitionOf({
  path: _p,
  savedAt: _a,
  counts: _c,
  warnings: _w,
  snippet: _n,
  script: _s,
  ...definition
}: FormDetail): object {
  return definition;
}
