import { Args } from '@oclif/core';
import { HubCommand } from '../../../base-command.ts';
import { callAction } from '../../../customers/actions.ts';
import { readDefinitions } from '../../../customers/definition-file.ts';
import type { ShownForm } from '../../../customers/forms.ts';
import { warningLines } from '../../../customers/problems.ts';

type Saved = Pick<ShownForm, 'id' | 'path' | 'warnings'>;

export default class LeadsFormsSave extends HubCommand {
  static override description =
    'Save forms from a YAML or JSON file; what `leads forms show --yaml` writes can be edited and saved. Warns when nothing would send the mail of double opt-in.';
  static override examples = ['tendril leads forms save news.yaml', 'tendril leads forms show news --yaml > news.yaml'];
  static override args = {
    file: Args.string({ required: true, description: 'file with a form, or a list of them; - is standard input' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(LeadsFormsSave);
    const hub = this.hub(flags);
    const saved: Saved[] = [];
    for (const form of readDefinitions(args.file)) {
      const one = await callAction<Saved>(hub, 'leads.form_save', form);
      saved.push(one);
      this.log(`${one.id} is at ${hub.address.url}${one.path}`);
    }
    for (const line of new Set(saved.flatMap(({ warnings }) => warningLines(warnings)))) this.note(line);
    return { items: saved };
  }
}
