import type { Call } from '@tendril/plugin-api';
import type { FormSaveOutput, FormsRow, Settings } from '../gen/manifest.gen.ts';
import { CONFIRMATION_REQUESTED } from './submission.ts';

/** Something that is allowed and does not do what is expected of it. */
export type FormWarning = FormSaveOutput['warnings'][number];

/** Tells what is the matter with a form. */
export type WarnOfForm = (form: Pick<FormsRow, 'isOpen' | 'doubleOptIn'>) => FormWarning[];

const UNASKED = 'so nobody is asked and every answer stays unconfirmed';
const REMEDY = '`tendril leads forms send-confirmations` adds and resumes `double_opt_in`, which comes with this plugin.';

/** Looks once at what the tenant has in force: the mails of double opt-in are sent by a pipeline, whichever it is. */
export async function createFormWarnings(call: Call<Settings>): Promise<WarnOfForm> {
  const pipelines = await call.events.pipelinesStartedBy(CONFIRMATION_REQUESTED);
  return ({ isOpen = true, doubleOptIn }) => {
    if (doubleOptIn?.isOn !== true || !isOpen || pipelines.some(({ isPaused }) => !isPaused)) return [];
    const ids = pipelines.map(({ id }) => id);
    if (ids.length === 0)
      return [
        { code: 'confirmation_missing', pipelines: ids, message: `No pipeline sends the mail for double opt-in, ${UNASKED}. ${REMEDY}` },
      ];
    const resume = ids.map((id) => `\`tendril pipelines resume ${id}\``).join(' or ');
    return [
      {
        code: 'confirmation_paused',
        pipelines: ids,
        message: `What sends the mail for double opt-in is paused, ${UNASKED}. Use ${resume}.`,
      },
    ];
  };
}
