import type { FormDefinition, FormField } from '../../api/customers/forms.ts';

/** A form to begin with: an address, a name, and what one may agree to. */
export const FIRST_FORM: FormDefinition = {
  id: '',
  title: '',
  fields: [
    { name: 'email', type: 'email', label: 'E-mail address', isRequired: true, autocomplete: 'email' },
    { name: 'firstName', type: 'text', label: 'First name', trait: 'firstName', autocomplete: 'given-name' },
  ],
  consents: [{ purpose: 'marketing', text: 'Write to me about news and offers.' }],
  submitLabel: 'Send',
  thanks: 'Thank you. We have it.',
  isOpen: true,
  doubleOptIn: { isOn: true },
  theme: { accent: '#12734a', background: '#ffffff', text: '#17201b' },
};

/** What is wrong with a form, each in a sentence; nothing when it can be saved. */
export function findFormFaults(form: FormDefinition): readonly string[] {
  const faults: string[] = [];
  if (!/^[a-z][a-z0-9_-]{0,59}$/.test(form.id)) faults.push('The address needs small letters, digits, - or _, and begins with a letter.');
  if (form.title.trim() === '') faults.push('The form needs a title.');
  const names = form.fields.map(({ name }) => name);
  if (names.length === 0) faults.push('The form needs a field.');
  for (const name of new Set(names.filter((each, index) => names.indexOf(each) !== index))) faults.push(`Two fields are named “${name}”.`);
  for (const field of form.fields) faults.push(...findFieldFaults(field));
  if (!form.fields.some(({ type }) => type === 'email' || type === 'tel'))
    faults.push('Ask for an e-mail address or a phone number: without one nobody can be written to.');
  for (const { purpose, text } of form.consents ?? []) {
    if (!/^[a-z][a-z0-9_]*$/.test(purpose)) faults.push('A purpose is one word in small letters, such as marketing.');
    if (text.trim() === '') faults.push('Say what people agree to.');
  }
  if (form.redirectUrl !== undefined && !/^https?:\/\/\S+$/.test(form.redirectUrl))
    faults.push('Where to go afterwards begins with https://.');
  return faults;
}

/** Without what is empty: texts that nobody wrote are left to their defaults. */
export function withoutEmpty(form: FormDefinition): FormDefinition {
  const kept = Object.entries(form).filter(([key, value]) => key === 'title' || key === 'id' || value !== '');
  return Object.fromEntries(kept) as unknown as FormDefinition;
}

/** A name for a new field that no other has. */
export function nextFieldName(fields: readonly FormField[]): string {
  for (let number = fields.length + 1; ; number += 1)
    if (!fields.some(({ name }) => name === `field${String(number)}`)) return `field${String(number)}`;
}

function findFieldFaults({ name, label, type, options = [] }: FormField): readonly string[] {
  const faults: string[] = [];
  if (!/^[a-zA-Z][a-zA-Z0-9_]{0,59}$/.test(name))
    faults.push(`The name “${name}” of a field needs letters, digits or _, and begins with a letter.`);
  if (label.trim() === '' && type !== 'hidden') faults.push(`The field “${name}” needs a label.`);
  if (type === 'select' && options.length === 0) faults.push(`Say what there is to choose from in “${label || name}”.`);
  return faults;
}
