import { HubCommand } from '../../base-command.ts';

interface Key {
  readonly id: string;
  readonly kind: string;
  readonly prefix: string;
  readonly appId?: string;
  readonly scopes: readonly string[];
  readonly revokedAt?: string;
  readonly expiresAt?: string;
}

export default class KeysList extends HubCommand {
  static override description = 'List keys; their secrets are never shown again.';

  async run(): Promise<unknown> {
    const { flags } = await this.parse(KeysList);
    const items = await this.hub(flags).list<Key>('/v1/keys', 1000);
    this.table(
      items.map((key) => ({
        id: key.id,
        kind: key.kind,
        begins: `${key.prefix}…`,
        for: key.appId ?? key.scopes.join(' '),
        state: stateOf(key),
      })),
      'There is no key.',
    );
    return { items };
  }
}

function stateOf(key: Key): string {
  if (key.revokedAt !== undefined) return 'revoked';
  if (key.expiresAt !== undefined && Date.parse(key.expiresAt) <= Date.now()) return 'expired';
  return key.expiresAt === undefined ? 'in force' : `until ${key.expiresAt}`;
}
