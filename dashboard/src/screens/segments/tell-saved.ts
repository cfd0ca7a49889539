import type { DefinitionSaved } from '../../api/customers/segments.ts';

/** What happens now that a definition is saved. */
export function tellSaved({ isNew, isChanged }: DefinitionSaved): string {
  if (isNew) return 'Saved. It is being prepared: the log is read, then everybody is looked at. It serves when that is done.';
  if (isChanged) return 'Saved. The version before serves until the new one is prepared.';
  return 'Saved. Only words changed: nothing has to be prepared.';
}
