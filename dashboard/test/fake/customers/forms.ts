import type { Form, FormDefinition, FormWarning, Submission } from '../../../src/api/customers/forms.ts';
import type { World } from '../world.ts';
import { Refusal, pageOf } from './answer.ts';
import type { FakeActions } from './answer.ts';

/** Forms of a made-up tenant. */
export function makeForms(world: World, { isEmpty }: { readonly isEmpty: boolean }): FakeActions {
  const forms = new Map<string, Form>();
  const submissions: Submission[] = [];
  const find = (id: unknown): Form => {
    const found = forms.get(String(id));
    if (found === undefined) throw new Refusal(404, 'NOT_FOUND', 'There is no such thing.');
    return { ...found, warnings: warn(found) };
  };
  const warn = ({ doubleOptIn }: FormDefinition): readonly FormWarning[] => {
    const senders = world.pipelines.filter(({ trigger }) => trigger['event'] === 'Form Confirmation Requested');
    if (doubleOptIn?.isOn !== true || senders.some(({ isPaused }) => !isPaused)) return [];
    const code = senders.length === 0 ? 'confirmation_missing' : 'confirmation_paused';
    return [{ code, message: 'Nothing sends it.', pipelines: senders.map(({ id }) => id) }];
  };
  const save = (form: FormDefinition): Form => {
    const path = `/plugins/leads/forms/${form.id}`;
    const made: Form = {
      ...form,
      path,
      savedAt: Date.now(),
      warnings: [],
      counts: { accepted: 1, unconfirmed: 0, suspicious: 1, refused: 0 },
      snippet: `<form action="${path}" method="post">…</form>`,
      script: `<script src="${path}/form.js"></script>`,
    };
    forms.set(form.id, made);
    return made;
  };
  if (!isEmpty) {
    save({
      id: 'offer',
      title: 'Ask for an offer',
      introduction: 'We answer within a day.',
      fields: [
        { name: 'email', type: 'email', label: 'E-mail address', isRequired: true },
        { name: 'size', type: 'select', label: 'How many are you?', options: [{ value: '1 to 10' }, { value: 'more' }] },
      ],
      consents: [{ purpose: 'marketing', text: 'Write to me about offers.' }],
    });
    save({
      id: 'news',
      title: 'News',
      fields: [{ name: 'email', type: 'email', label: 'E-mail address', isRequired: true }],
      consents: [{ purpose: 'marketing', text: 'Write to me about news.' }],
      doubleOptIn: { isOn: true },
    });
    const base = { form: 'offer', at: Date.now() - 600_000, consents: ['marketing'], reasons: [] };
    submissions.push(
      { ...base, id: 'sub_1', state: 'accepted', values: { email: 'ada@example.invalid', size: '1 to 10' } },
      {
        ...base,
        id: 'sub_2',
        state: 'suspicious',
        consents: [],
        values: { email: 'quick@example.invalid', size: 'more' },
        reasons: [{ code: 'too_fast', text: 'It was filled in within a second.' }],
      },
    );
  }
  return {
    'leads.form_list': (input) =>
      pageOf(
        [...forms.values()].map(({ id, title, path, savedAt, counts, isOpen = true, doubleOptIn, ...form }) => ({
          id,
          title,
          path,
          savedAt,
          counts,
          isOpen,
          isDoubleOptIn: doubleOptIn?.isOn === true,
          warnings: warn({ ...form, id, title, ...(doubleOptIn === undefined ? {} : { doubleOptIn }) }),
        })),
        input,
      ),
    'leads.form_get': ({ id }) => find(id),
    'leads.form_save': (input) => save(input as unknown as FormDefinition),
    'leads.form_delete': ({ id }) => ({ isDeleted: forms.delete(String(id)) }),
    'leads.form_submissions': (input) =>
      pageOf(
        submissions.filter(({ form, state }) => form === input['form'] && (input['state'] === undefined || state === input['state'])),
        input,
      ),
    'leads.form_review': ({ submission, decision }) => {
      const index = submissions.findIndex(({ id }) => id === submission);
      const before = submissions[index];
      if (before === undefined) throw new Refusal(404, 'NOT_FOUND', 'There is no such thing.');
      const state = decision === 'approve' ? 'accepted' : 'refused';
      submissions[index] = { ...before, state, reviewedAt: Date.now() };
      return { id: submission, state };
    },
  };
}
