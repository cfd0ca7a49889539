import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser, openPage } from './fake/browser.ts';
import { buildDashboard } from './fake/built-dashboard.ts';
import type { BuiltDashboard } from './fake/built-dashboard.ts';
import { checkAccess, readAxe } from './fake/check-access.ts';
import { FakeHub } from './fake/fake-hub.ts';

describe('dashboard plugins', function () {
  this.timeout(120_000);
  let built: BuiltDashboard;
  let browser: Browser;
  let axe: string;
  const hubs: FakeHub[] = [];

  before(async () => {
    built = await buildDashboard();
    browser = await launchBrowser();
    axe = await readAxe();
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

  it('shows what a plugin may do before it is enabled, and sends the consent to just that', async () => {
    const { hub, url } = await startHub();
    const { page, complaints } = await openPage(browser, `${url}/plugins`);
    await page.getByRole('link', { name: 'Acme CRM' }).click();
    await page.getByRole('heading', { name: 'Acme CRM', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Enable' }).click();
    const dialog = page.getByRole('dialog', { name: 'Enable Acme CRM?' });
    await dialog.getByText('May reach every host below acme.example').waitFor();
    assert.equal(await dialog.getByRole('listitem').count(), 4);
    assert.equal(hub.plugins.find('acme_crm')?.isEnabled, false);
    await dialog.getByRole('button', { name: 'Enable' }).click();
    await page.locator('main').getByText('Enabled', { exact: true }).waitFor();
    const sent = hub.requests.find(({ path }) => path === '/v1/plugins/acme_crm/enable');
    assert.deepEqual(JSON.parse(sent?.body ?? ''), { consent: 'hash_of_acme_1_1' });
    assert.equal(sent?.csrf, '1');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('says which plugin has to be enabled before', async () => {
    const { hub, url } = await startHub();
    const { page } = await openPage(browser, `${url}/plugins/score_desk`);
    await page.getByRole('button', { name: 'Enable' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Enable' }).click();
    await dialog.getByText('It needs another plugin that nobody has agreed to yet').waitFor();
    assert.equal(hub.plugins.find('score_desk')?.isEnabled, false);
    assert.doesNotMatch((await dialog.textContent()) ?? '', /hash_of/);
    await dialog.getByRole('link', { name: 'acme_crm' }).click();
    await page.getByRole('heading', { name: 'Acme CRM', level: 1 }).waitFor();
    await page.context().close();
  });

  it('says what the hub says when it refuses for another reason', async () => {
    const { hub, url } = await startHub();
    const { page } = await openPage(browser, `${url}/plugins/acme_crm`);
    await page.getByRole('button', { name: 'Enable' }).click();
    hub.plugins.set('acme_crm', { health: { state: 'revoked', incidents: 0, reason: 'it was taken over' } });
    await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
    const alert = page.getByRole('dialog').getByRole('alert');
    await alert.getByText('The registry has revoked this version of the plugin.').waitFor();
    assert.equal(hub.plugins.find('acme_crm')?.isEnabled, false);
    await page.context().close();
  });

  it('shows the list anew when what a plugin asks for has changed meanwhile', async () => {
    const { hub, url } = await startHub();
    const { page } = await openPage(browser, `${url}/plugins/acme_crm`);
    await page.getByRole('button', { name: 'Enable' }).click();
    hub.plugins.set('acme_crm', { permissionsHash: 'hash_of_acme_1_2', permissionsInWords: ['May reach any public address'] });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Enable' }).click();
    await dialog.getByText('What it asks for has changed meanwhile.').waitFor();
    await dialog.getByText('May reach any public address').waitFor();
    assert.equal(hub.plugins.find('acme_crm')?.isEnabled, false);
    await dialog.getByRole('button', { name: 'Enable' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(hub.plugins.find('acme_crm')?.consent.hash, 'hash_of_acme_1_2');
    await page.context().close();
  });

  it('asks again after an upgrade that wants more', async () => {
    const { hub, url } = await startHub();
    const { page } = await openPage(browser, `${url}/plugins/parcel_desk`);
    await page.getByText('Version 2.0.0 asks for more than was agreed to').waitFor();
    await page.getByRole('button', { name: 'Look at it and agree' }).click();
    await page.getByRole('dialog').getByText('May reach api.parcels.example').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Agree' }).click();
    await page.getByText('asks for more than was agreed to').waitFor({ state: 'detached' });
    assert.equal(hub.plugins.find('parcel_desk')?.consent.hash, 'hash_of_parcels_2');
    await page.context().close();
  });

  it('disables one, and names those that need it when that is refused', async () => {
    const { hub, url } = await startHub();
    const { page } = await openPage(browser, `${url}/plugins/profiles`);
    await page.getByRole('button', { name: 'Disable' }).click();
    const dialog = page.getByRole('dialog', { name: 'Disable Profiles?' });
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await dialog.getByText('Disable these first, they need it:').waitFor();
    assert.deepEqual(await dialog.getByRole('link').allTextContents(), ['leads', 'email']);
    await dialog.getByRole('link', { name: 'leads' }).click();
    await page.getByRole('heading', { name: 'Leads', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('button', { name: 'Enable' }).waitFor();
    assert.equal(hub.plugins.find('leads')?.isEnabled, false);
    await page.context().close();
  });

  it('says why one was stopped, and resumes it', async () => {
    const { hub, url } = await startHub();
    const { page } = await openPage(browser, `${url}/plugins/rate_watch`);
    const notice = page.getByRole('region', { name: 'It was stopped because it failed too often' });
    await notice.getByText('its process ended while it worked').waitFor();
    await notice.getByText('5 incidents not long ago').waitFor();
    await notice.getByRole('button', { name: 'Resume' }).click();
    await page.locator('main').getByText('Enabled', { exact: true }).waitFor();
    assert.equal(hub.plugins.find('rate_watch')?.health.state, 'ok');
    await page.goto(`${url}/plugins/sms_gate`);
    await page.getByText('it sent copies of messages to a third party').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Enable' }).count(), 0);
    await page.goto(`${url}/plugins/webhook`);
    await page.getByText('/contributes/actions/send has no handler').waitFor();
    await page.context().close();
  });

  it('shows what a plugin brings: agents, webhooks, pipelines, channels', async () => {
    const { hub, url } = await startHub();
    hub.plugins.set('acme_crm', { isEnabled: true, consent: { isNeeded: false, hash: 'hash_of_acme_1_1' } });
    const { page, complaints } = await openPage(browser, `${url}/plugins/acme_crm`);
    await page.getByText('12 messages, 450 cents to spend').waitFor();
    await page.getByRole('button', { name: 'Tick now: Digest writer' }).click();
    await page.getByText('Its next tick is due now.').waitFor();
    await page.getByText('just now').waitFor();
    await page.getByText(`${url}/hooks/whk_3f9a0c7d5e1b4a2f8c6d0e9b7a5f3c1d`).waitFor();
    await page.getByText('Its secret is missing').waitFor();
    await page.getByRole('button', { name: 'Copy the address of Changes at Acme' }).waitFor();
    await page.getByText('They get out by the platform itself.').waitFor();
    await page.getByRole('button', { name: 'Add: Welcome new customers' }).click();
    await page.getByText('Added from version 1.1.0, paused').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Welcome new customers' }).getAttribute('href'), '/pipelines/acme_crm_welcome');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('draws a form of the settings, checks it, and keeps what has no input and the secret', async () => {
    const { hub, url } = await startHub();
    const { page, complaints } = await openPage(browser, `${url}/plugins/acme_crm`);
    const save = page.getByRole('button', { name: 'Save' });
    const writes = () => hub.requests.filter(({ method }) => method === 'PUT');
    await page.getByText('One is stored. Leave this empty to keep it.').waitFor();
    assert.equal(await page.getByLabel('API secret').inputValue(), '');
    assert.equal(await page.getByLabel('Retries').inputValue(), '2');
    await page.getByLabel('Retries').fill('7');
    await page.getByText('This must be at most 5.').waitFor();
    await save.click();
    await page.getByText('This is needed.').waitFor();
    assert.equal(await page.getByLabel('Account').evaluate((input) => input === document.activeElement), true);
    assert.equal(writes().length, 0);
    await page.getByLabel('Account').fill('north');
    await page.getByLabel('Retries').fill('3');
    await page.getByLabel('Log every request').check();
    await page.getByLabel('Share of the quota').fill('0.5');
    await page.getByLabel('Owners').fill('ann@example.org\nbob@example.org\n');
    await page.getByLabel('Field mapping').fill('{ "email": ');
    await page.getByText('This is not JSON.').waitFor();
    await page.getByLabel('Field mapping').fill('{ "email": "mail" }');
    await save.click();
    await page.getByText('Saved. The plugin uses it from its next call on.').waitFor();
    const expected = {
      region: 'eu',
      account: 'north',
      apiSecret: 'sealed-before',
      isVerbose: true,
      retries: 3,
      limits: { perMinute: 30, share: 0.5 },
      owners: ['ann@example.org', 'bob@example.org'],
      mapping: { email: 'mail' },
    };
    assert.deepEqual(hub.plugins.find('acme_crm')?.settings, expected);
    await page.getByLabel('API secret').fill('another');
    await page.getByLabel('Owners').fill('');
    await save.click();
    await page.getByText('Saved. The plugin uses it from its next call on.').waitFor();
    const { owners: _owners, ...rest } = expected;
    assert.deepEqual(hub.plugins.find('acme_crm')?.settings, { ...rest, apiSecret: 'another' });
    await page.getByLabel('Take away the secret that is stored').check();
    await save.click();
    await page.getByText('Saved. The plugin uses it from its next call on.').waitFor();
    assert.equal(hub.plugins.find('acme_crm')?.settings['apiSecret'], undefined);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('shows what the hub refuses at the setting, keeps what was typed, and lets it be discarded', async () => {
    const { hub, url } = await startHub();
    const { page } = await openPage(browser, `${url}/plugins/acme_crm`);
    await page.getByLabel('Account').fill('north');
    await page.getByLabel('Region').selectOption('us');
    await page.getByRole('button', { name: 'Save' }).click();
    const limits = page.getByRole('group', { name: 'Limits' });
    await limits.getByText('must be at most 60 in the region us').waitFor();
    assert.equal(await limits.getByLabel('Requests a minute').getAttribute('aria-invalid'), 'true');
    await page.getByRole('alert').getByText("The settings do not match the plugin's schema.").waitFor();
    assert.equal(await page.getByLabel('Account').inputValue(), 'north');
    assert.equal(hub.plugins.find('acme_crm')?.settings['account'], undefined);
    await page.getByRole('button', { name: 'Discard' }).click();
    assert.equal(await page.getByLabel('Account').inputValue(), '');
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.context().close();
  });

  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 1280],
    ['light', 320],
  ] as const) {
    it(`is accessible and fits in ${colorScheme} at ${String(width)} pixels`, async () => {
      const { hub, url } = await startHub();
      hub.plugins.set('acme_crm', { isEnabled: true, consent: { isNeeded: false } });
      const many = Array.from({ length: 30 }, (_, index) => `May call the action acme_crm.find_deals_of_region_${String(index)}`);
      hub.plugins.set('score_desk', { permissionsInWords: many });
      const { page } = await openPage(browser, url, { colorScheme, width, height: 844 });
      const faults: string[] = [];
      const check = async (what: string): Promise<void> => {
        faults.push(...(await checkAccess(page, axe)).map((fault) => `${what}: ${fault}`));
        const shown = await page.evaluate(() => document.documentElement.scrollWidth);
        if (shown > width) faults.push(`${what}: scrolls sideways, ${String(shown)} pixels wide`);
      };
      await page.goto(`${url}/plugins`);
      await page.getByRole('link', { name: 'Acme CRM' }).waitFor();
      await check('plugins');
      for (const id of ['acme_crm', 'parcel_desk', 'rate_watch', 'sms_gate', 'webhook', 'score_desk']) {
        await page.goto(`${url}/plugins/${id}`);
        await page.getByRole('heading', { name: 'About it' }).waitFor();
        if (id === 'acme_crm') await page.getByText('12 messages').waitFor();
        if (id === 'acme_crm') await page.getByLabel('Retries').fill('many');
        await check(id);
      }
      await page.getByRole('button', { name: 'Enable' }).click();
      await page.getByRole('dialog').getByText('May call the action').first().waitFor();
      await check('dialog');
      hub.plugins.set('acme_crm', { isEnabled: false });
      await page.getByRole('dialog').getByRole('button', { name: 'Enable' }).click();
      await page.getByRole('dialog').getByRole('alert').waitFor();
      await check('refused');
      assert.deepEqual(faults, []);
      await page.context().close();
    });
  }
});
