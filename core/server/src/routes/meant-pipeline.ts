import { TendrilError } from '@tendril/plugin-api';

/** The text of a file or the id of a deployed pipeline: one of the two, which the schema sees to. */
export interface MeantPipeline {
  readonly source?: string | undefined;
  readonly id?: string | undefined;
}

/** Tells which of the two it is. */
export function readMeant({ source, id }: MeantPipeline): { readonly source: string } | { readonly id: string } {
  if (source !== undefined) return { source };
  if (id !== undefined) return { id };
  throw new TendrilError('INPUT_INVALID', { in: 'body', problems: [{ pointer: '', message: 'needs a source or an id' }] });
}
