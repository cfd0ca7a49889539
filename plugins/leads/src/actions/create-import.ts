import { hash } from 'node:crypto';
import { TendrilError } from '@tendril/plugin-api';
import type { ActionHandler } from '@tendril/plugin-api';
import type { CreateImportInput, CreateImportOutput, ImportsRow, Settings } from '../gen/manifest.gen.ts';
import { viewImport } from '../imports/import-view.ts';

/**
 * Begins an import, once for one call.
 *
 * @throws TendrilError INPUT_INVALID when the mapping names columns that there are not, or nothing that identifies somebody
 */
export const createImport: ActionHandler<CreateImportInput, CreateImportOutput, Settings> = async (input, call) => {
  const problems = [...problemsOf(input, call.settings)];
  if (problems.length > 0) throw new TendrilError('INPUT_INVALID', { problems });
  const id = `i${hash('sha256', call.idempotencyKey, 'hex').slice(0, 16)}`;
  const before = await call.table<ImportsRow>('imports').get(id);
  if (before !== undefined) return viewImport(before.value, call);
  const row: ImportsRow = { ...input, id, state: 'open', isImported: input.isImported ?? true, createdAt: call.clock.now() };
  call.changes.put('imports', row, 'absent');
  return viewImport(row, call);
};

function* problemsOf(
  { columns, mapping, types = {}, consent }: CreateImportInput,
  { emailTrait = 'email', phoneTrait = 'phone' }: Settings,
) {
  const known = new Set(columns);
  const unknown = (pointer: string, column: string): object => ({ pointer, message: `there is no column ${column}` });
  for (const column of Object.keys(mapping)) if (!known.has(column)) yield unknown('/mapping', column);
  for (const column of Object.keys(types)) if (!known.has(column)) yield unknown('/types', column);
  if (consent !== undefined && !known.has(consent.column)) yield unknown('/consent/column', consent.column);
  const targets = Object.values(mapping);
  const twice = targets.find((target, place) => targets.indexOf(target) !== place);
  if (twice !== undefined) yield { pointer: '/mapping', message: `two columns say ${twice}` };
  if (!['userId', 'anonymousId', emailTrait, phoneTrait].some((identity) => targets.includes(identity)))
    yield { pointer: '/mapping', message: `no column identifies somebody: map one to userId, ${emailTrait} or ${phoneTrait}` };
}
