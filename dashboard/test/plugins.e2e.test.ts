import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser, openPage } from './fake/browser.ts';
import { buildDashboard } from './fake/built-dashboard.ts';
import type { BuiltDashboard } from './fake/built-dashboard.ts';
import { FakeHub } from './fake/fake-hub.ts';

describe('dashboard plugins', function () {
  this.timeout(120_000);
  let built: BuiltDashboard;
  let browser: Browser;
  const hubs: FakeHub[] = [];

  before(async () => {
    built = await buildDashboard();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await built.remove();
  });
  afterEach(async () => {
    for (const hub of hubs.splice(0)) await hub.stop();
  });
  async function startHub(): Promise<{ hub: FakeHub; url: string }> {
    const hub = new FakeHub({ files: built.files });
    hubs.push(hub);
    return { hub, url: await hub.start() };
  }

  it('lists what is installed with its state, finds in it, and follows changes', async () => {
    const { hub, url } = await startHub();
    const { page, complaints } = await openPage(browser, `${url}/plugins`);
    const row = (title: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name: title, exact: true }) });
    for (const [title, state] of [
      ['Acme CRM', 'Disabled'],
      ['E-mail', 'Enabled'],
      ['Parcel desk', 'Needs consent'],
      ['Rate watch', 'Stopped'],
      ['SMS gate', 'Revoked'],
      ['Webhook', 'Faulty'],
    ] as const)
      await row(title).getByText(state, { exact: true }).waitFor();
    await row('Parcel desk').getByText('It has no code: the hub makes its requests').waitFor();
    hub.plugins.set('leads', { isEnabled: false });
    hub.announceChange('plugins');
    await row('Leads').getByText('Disabled', { exact: true }).waitFor();
    await page.getByLabel('Search in the installed plugins').fill('short messages');
    await row('E-mail').waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('row').count(), 2);
    await page.getByLabel('Search in the installed plugins').fill('nothing like it');
    await page.getByText('tendril plugins search nothing like it').waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
