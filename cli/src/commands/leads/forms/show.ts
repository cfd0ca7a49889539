import { Args, Flags } from '@oclif/core';
import { stringify } from 'yaml';
import { HubCommand } from '../../../base-command.ts';
import { callAction } from '../../../customers/actions.ts';
import { definitionOf } from '../../../customers/forms.ts';
import type { FormDetail } from '../../../customers/forms.ts';
import { warningLines } from '../../../customers/problems.ts';
import { moment } from '../../../instants.ts';

export default class LeadsFormsShow extends HubCommand {
  static override description = 'Show a form, how many answers it has, and what to put into a page.';
  static override examples = ['tendril leads forms show news --snippet', 'tendril leads forms show news --yaml > news.yaml'];
  static override args = { id: Args.string({ required: true, description: 'id of the form' }) };
  static override flags = {
    yaml: Flags.boolean({ description: 'only the definition, as `leads forms save` takes it', exclusive: ['snippet', 'script'] }),
    snippet: Flags.boolean({ description: 'only HTML for a page of yours, without a script', exclusive: ['script'] }),
    script: Flags.boolean({ description: 'only HTML that sends without leaving the page' }),
    'base-url': Flags.string({ description: 'address of the hub as visitors see it; the one that is asked unless told' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(LeadsFormsShow);
    const hub = this.hub(flags);
    const baseUrl = flags['base-url'] ?? hub.address.url;
    const form = await callAction<FormDetail>(hub, 'leads.form_get', { id: args.id, baseUrl });
    if (flags.yaml) this.log(stringify(definitionOf(form)).trimEnd());
    else if (flags.snippet || flags.script) this.log((flags.script ? form.script : form.snippet) ?? '');
    else this.tell(form, baseUrl);
    for (const line of warningLines(form.warnings)) this.note(line);
    return form;
  }

  private tell({ id, title, isOpen = true, doubleOptIn, fields, counts, path, savedAt }: FormDetail, baseUrl: string): void {
    const asks = doubleOptIn?.isOn === true ? ', asks by e-mail whether it was them' : '';
    this.log(`${title} (${id}), ${isOpen ? 'open' : 'closed'}${asks}, saved ${moment(savedAt)} UTC`);
    this.log(`page     ${baseUrl}${path}`);
    this.log(`answers  ${tellCounts(counts)}`);
    this.table(
      fields.map(({ name, type, label, isRequired = false }) => ({ field: name, type, label, needed: isRequired ? 'yes' : 'no' })),
      '',
    );
  }
}

function tellCounts(counts: Readonly<Record<string, number>>): string {
  const told = Object.entries(counts).map(([state, count]) => `${String(count)} ${state}`);
  return told.length === 0 ? 'none yet' : told.join(', ');
}
