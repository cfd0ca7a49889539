import assert from 'node:assert/strict';
import type { Call, JsonObject } from '@tendril/plugin-api';
import { maskSecrets, SECRET_MASK, unmaskSecrets } from '../../src/plugins/secret-settings.ts';
import { oneAction, RUN, startHost } from './fixture.ts';

const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    region: { type: 'string' },
    token: { type: 'string', minLength: 4, writeOnly: true },
    nested: { type: 'object', properties: { key: { $ref: '#/$defs/secret' }, open: { type: 'string' } } },
    list: { type: 'array', items: { type: 'object', properties: { password: { type: 'string', format: 'password' } } } },
  },
  $defs: { secret: { type: 'string', 'x-secret': true } },
};
const SETTINGS = { region: 'eu', token: 'abcd', nested: { key: 'k', open: 'o' }, list: [{ password: 'p' }] };

describe('secrets in settings', () => {
  it('are masked wherever the schema says so', () => {
    assert.deepEqual(maskSecrets(SCHEMA, SETTINGS), {
      region: 'eu',
      token: SECRET_MASK,
      nested: { key: SECRET_MASK, open: 'o' },
      list: [{ password: SECRET_MASK }],
    });
    assert.deepEqual(maskSecrets({ $ref: '#' }, SETTINGS), SETTINGS, 'a circle of references ends');
  });

  it('stay when they come back masked, change when others come, and go when they are left out', () => {
    const masked = maskSecrets(SCHEMA, SETTINGS);
    assert.deepEqual(unmaskSecrets(SCHEMA, masked, SETTINGS), SETTINGS);
    assert.deepEqual(unmaskSecrets(SCHEMA, { token: 'efgh' }, SETTINGS), { token: 'efgh' });
    assert.deepEqual(unmaskSecrets(SCHEMA, { token: SECRET_MASK }, {}), {}, 'there is nothing behind the mask');
  });

  it('are seen by the handler and by nobody else', async () => {
    const seen: JsonObject[] = [];
    const { host, action } = await startHost([
      oneAction(async (_, call: Call) => void seen.push(call.settings), { config: SCHEMA as unknown as JsonObject }),
    ]);
    try {
      const plugins = host.tenantPlugins('acme');
      await plugins.configure('probe', SETTINGS as unknown as JsonObject);
      const [shown] = await plugins.list();
      assert.doesNotMatch(JSON.stringify(shown?.settings), /abcd|"k"|"p"/);
      await plugins.configure('probe', { ...shown?.settings, region: 'us' });
      await host.runAction('acme', action('probe.go'), {}, RUN).catch(() => undefined);
      assert.deepEqual(seen, [{ ...SETTINGS, region: 'us' }]);
    } finally {
      await host.stop();
    }
  });
});
