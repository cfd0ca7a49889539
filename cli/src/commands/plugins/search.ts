import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../base-command.ts';
import { describeFailure } from '../../failure.ts';
import { findHubHome } from '../../home.ts';
import { openRows } from '../../open-registries.ts';
import { readRegistries } from '../../registries-file.ts';

export default class PluginsSearch extends BaseCommand {
  static override description =
    'Search the registries for plugins, by id, title, publisher, category and description; a misspelt word finds its nearest ones. Without words everything is listed.';
  static override examples = [
    'tendril plugins search salesforce',
    'tendril plugins search contacts --category crm',
    'tendril plugins search --category email --json',
  ];
  // Words without quotes: oclif would take the second one for a mistake.
  static override strict = false;
  static override args = { words: Args.string({ description: 'what to look for' }) };
  static override flags = {
    category: Flags.string({ description: 'only this category, such as crm or email' }),
    limit: Flags.integer({ description: 'how many at most, of each registry', default: 30, min: 1, max: 10_000 }),
    'allow-expired': Flags.boolean({ description: 'search in an index that has expired too' }),
  };

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(PluginsSearch);
    const { searchPlugins } = await import('@tendril/registry');
    const home = findHubHome(process.env);
    const hasRegistries = readRegistries(home).length > 0;
    const registries = await openRows(home, {
      mayBeExpired: flags['allow-expired'],
      note: (text) => this.note(text),
      onFault: (name, error) => {
        const { message, code, exit } = describeFailure(error);
        process.exitCode = exit;
        this.note(`${name} was left out: ${message} (${code}) \`tendril registry refresh ${name}\` says more.`);
      },
    });
    const query = argv.join(' ');
    const firstById = new Map<string, string>();
    const found = registries.flatMap(({ name, rows }) =>
      searchPlugins(rows, query, { category: flags.category, limit: flags.limit }).map((row) => ({ ...row, registry: name })),
    );
    const items = found
      .toSorted((one, other) => other.score - one.score)
      .map(({ score: _score, ...row }) => {
        const owner = firstById.get(row.id) ?? registries.find(({ rows }) => rows.some(({ id }) => id === row.id))?.name ?? row.registry;
        firstById.set(row.id, owner);
        return { ...row, isShadowed: owner !== row.registry };
      });
    this.table(
      items.map(({ id, version, title, registry, permissions, isShadowed }) => ({
        id,
        version,
        title,
        registry: isShadowed ? `${registry} (behind ${firstById.get(id) ?? ''})` : registry,
        permissions,
      })),
      emptyText(hasRegistries, registries.length, query),
    );
    return { items };
  }
}

function emptyText(hasRegistries: boolean, opened: number, query: string): string {
  if (!hasRegistries) return 'No registry is known. `tendril registry add NAME URL` adds one.';
  if (opened === 0) return 'No registry could be searched.';
  return query === '' ? 'Nothing is in the registries.' : `Nothing is found for \`${query}\`. Fewer words find more.`;
}
