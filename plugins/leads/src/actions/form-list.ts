import type { ActionHandler } from '@tendril/plugin-api';
import { countAnswers, viewForm } from '../forms/form-view.ts';
import { createFormWarnings } from '../forms/form-warnings.ts';
import type { FormListInput, FormListOutput, FormsRow, Settings } from '../gen/manifest.gen.ts';

/** Forms by id. */
export const formList: ActionHandler<FormListInput, FormListOutput, Settings> = async ({ limit = 100, cursor }, call) => {
  const page = await call.table<FormsRow>('forms').query({ limit, ...(cursor === undefined ? {} : { cursor }) });
  const warn = await createFormWarnings(call);
  const items = await Promise.all(
    page.items.map(async ({ value }) => {
      const { id, title, isOpen = true, path, savedAt, doubleOptIn, warnings } = viewForm(value, warn, call);
      return {
        id,
        title,
        isOpen,
        isDoubleOptIn: doubleOptIn?.isOn === true,
        path,
        savedAt,
        counts: await countAnswers(id, call),
        warnings,
      };
    }),
  );
  return page.nextCursor === undefined ? { items } : { items, nextCursor: page.nextCursor };
};
