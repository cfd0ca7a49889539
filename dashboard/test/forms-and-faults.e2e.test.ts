import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser, openPage } from './fake/browser.ts';
import { buildDashboard } from './fake/built-dashboard.ts';
import type { BuiltDashboard } from './fake/built-dashboard.ts';
import { FakeHub } from './fake/fake-hub.ts';

describe('dashboard forms and faults', function () {
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
  async function startHub(options: { readonly isEmpty?: boolean } = {}): Promise<{ hub: FakeHub; url: string }> {
    const hub = new FakeHub({ files: built.files, ...options });
    hubs.push(hub);
    return { hub, url: await hub.start() };
  }

  it('checks settings while they are typed, saves them and undoes it', async () => {
    const { hub, url } = await startHub();
    const { page, complaints } = await openPage(browser, `${url}/pipelines/qualify_lead`);
    const threshold = page.getByLabel('Probability that makes a lead hot');
    await threshold.fill('1.4');
    await page.getByText('This must be at most 1.').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    assert.equal(
      hub.requests.some((request) => request.method === 'PUT'),
      false,
    );
    assert.equal(await threshold.evaluate((input) => input === document.activeElement), true);
    await threshold.fill('0.65');
    await page.getByLabel('Rating in Salesforce').selectOption('Warm');
    await page.getByLabel('Write to those below the threshold').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved. Runs that start from now on use it.').waitFor();
    const expected = { threshold: 0.65, followUpDays: 3, sender: 'hello@bank.example.invalid', rating: 'Warm', isNudgeOn: false };
    assert.deepEqual(hub.world.pipelines[0]?.settings, expected);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone. The former settings are back.').waitFor();
    assert.equal(await threshold.inputValue(), '0.4');
    assert.deepEqual(hub.world.pipelines[0]?.settings, { ...expected, threshold: 0.4, rating: 'Hot', isNudgeOn: true });
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('shows what the hub refuses beside the field and keeps what was typed', async () => {
    const { hub, url } = await startHub();
    const { page } = await openPage(browser, `${url}/pipelines/qualify_lead`);
    await page.getByLabel('Sender of the mails').fill('nobody');
    await page.getByText('This must be an e-mail address.').waitFor();
    await page.getByLabel('Sender of the mails').fill('refused@example.invalid');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('is not an address of this tenant').waitFor();
    assert.equal(await page.getByLabel('Sender of the mails').inputValue(), 'refused@example.invalid');
    assert.equal(hub.world.pipelines[0]?.settings['sender'], 'hello@bank.example.invalid');
    await page.context().close();
  });

  it('pauses and resumes a pipeline', async () => {
    const { hub, url } = await startHub();
    const { page } = await openPage(browser, `${url}/pipelines/qualify_lead`);
    await page.getByRole('button', { name: 'Pause pipeline' }).click();
    await page.getByRole('button', { name: 'Resume pipeline' }).click();
    await page.getByRole('button', { name: 'Pause pipeline' }).waitFor();
    assert.equal(hub.world.pipelines[0]?.isPaused, false);
    await page.context().close();
  });

  it('says what would be there when there is nothing', async () => {
    const { url } = await startHub({ isEmpty: true });
    const { page, complaints } = await openPage(browser, url);
    const texts: Readonly<Record<string, string>> = {
      '/': 'Waiting for the first event',
      '/events': 'Waiting for the first event',
      '/people': 'Nobody is known yet',
      '/leads': 'No lead yet',
      '/segments': 'No segment yet',
      '/traits': 'No computed trait yet',
      '/duplicates': 'Nothing to decide',
      '/places': 'No place yet',
      '/imports': 'Nothing was imported yet',
      '/forms': 'No form yet',
      '/qualification': 'No stage yet',
      '/explore': 'Nothing happened in this time',
      '/runs': 'No run yet',
      '/pipelines': 'No pipeline is deployed',
      '/mail': 'No mail yet',
      '/crm': 'No service was reached yet',
      '/plugins': 'No plugin is installed',
      '/setup': 'No connection yet',
      '/nowhere': 'There is no such page',
    };
    for (const [path, text] of Object.entries(texts)) {
      await page.goto(url + path);
      await page.getByText(text).first().waitFor();
    }
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('says what is wrong and what to do, and tries again', async () => {
    const { hub, url } = await startHub();
    hub.failing.set('/v1/actions/leads.queue', {
      status: 503,
      body: { title: 'The store cannot be reached.', status: 503, code: 'STORE_UNAVAILABLE', remedy: 'retry' },
    });
    const { page } = await openPage(browser, `${url}/leads`);
    const alert = page.getByRole('alert');
    await alert.getByText('The store cannot be reached.').waitFor();
    assert.match((await alert.textContent()) ?? '', /Try again in a moment.*STORE_UNAVAILABLE/);
    hub.failing.clear();
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.lead-name').first().waitFor();
    await page.goto(`${url}/runs/run_nobody`);
    await page.getByText('It may have been removed').waitFor();
    await page.context().close();
  });

  it('asks for the printed link when the session is missing', async () => {
    const { hub, url } = await startHub();
    hub.failing.set('/v1/', {
      status: 401,
      body: { title: 'No session is open.', status: 401, code: 'SESSION_MISSING', remedy: 'fix-input' },
    });
    const { page } = await openPage(browser, url);
    await page.getByRole('heading', { name: 'Open the printed link' }).waitFor();
    await page.context().close();
  });
});
