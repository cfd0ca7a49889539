import { TendrilError } from '@tendril/plugin-api';

/** What is wrong with a package, and where. */
export interface PackageProblem {
  readonly reason: string;
  /** Path inside the package. */
  readonly path?: string;
  /** What whoever made or installs it can do. */
  readonly remedy?: string;
}

/** PACKAGE_INVALID with what is wrong. */
export function packageInvalid({ reason, path, remedy }: PackageProblem, cause?: unknown): TendrilError {
  const details = { reason, ...(path === undefined ? {} : { path: shown(path) }), ...(remedy === undefined ? {} : { remedy }) };
  return new TendrilError('PACKAGE_INVALID', details, cause === undefined ? undefined : { cause });
}

const LONGEST_SHOWN = 300;

/** A path that a stranger chose goes to a terminal: nothing in it may move the cursor or hide the rest. */
function shown(path: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  const plain = path.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, '?');
  return plain.length > LONGEST_SHOWN ? `${plain.slice(0, LONGEST_SHOWN)}…` : plain;
}
