import assert from 'node:assert/strict';
import { startPluginHub, WAYS } from '../support/plugin-hub.ts';
import type { PluginHub, Side } from '../support/plugin-hub.ts';

for (const way of WAYS) {
  describe(`panels of plugins, in the ${way}`, function () {
    this.timeout(60_000);
    let served: PluginHub;
    let acme: Side;
    let globex: Side;
    before(async () => {
      served = await startPluginHub(['status_page'], way);
      acme = await served.side('acme');
      globex = await served.side('globex');
    });
    after(() => served.close());

    it('are listed by place, and show what their action gives for the tenant', async () => {
      const list = await served.ask('GET', '/v1/panels?place=overview', { key: acme.admin });
      assert.deepEqual(list.json['items'], [
        {
          id: 'status_page.components',
          plugin: 'status_page',
          title: 'Components',
          view: 'table',
          place: 'overview',
          action: 'status_page.list',
        },
      ]);
      assert.deepEqual((await served.ask('GET', '/v1/panels?place=person', { key: acme.admin })).json['items'], []);
      const report = { key: acme.admin, body: { state: 'down' } };
      assert.equal((await served.ask('PUT', '/plugins/status_page/components/Mail', report)).status, 200);
      const data = await served.ask('GET', '/v1/panels/status_page.components/data', { key: acme.admin });
      assert.equal(data.status, 200, data.text);
      assert.equal(data.json['view'], 'table');
      assert.match(data.text, /"name":"Mail","state":"down"/);
      const other = await served.ask('GET', '/v1/panels/status_page.components/data', { key: globex.admin });
      assert.match(other.text, /"rows":\[\]/);
    });

    it('are gone while the plugin is disabled, and unknown ones are refused', async () => {
      await acme.tenant.plugins.disable('status_page');
      assert.deepEqual((await served.ask('GET', '/v1/panels', { key: acme.admin })).json['items'], []);
      assert.equal((await served.ask('GET', '/v1/panels/status_page.components/data', { key: acme.admin })).status, 404);
      assert.equal((await served.ask('GET', '/v1/panels/status_page.nothing/data', { key: globex.admin })).status, 404);
      assert.equal((await served.ask('GET', '/v1/panels', { key: globex.write })).status, 403);
    });
  });
}
