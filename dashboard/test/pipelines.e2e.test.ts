import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser, openPage } from './fake/browser.ts';
import { buildDashboard } from './fake/built-dashboard.ts';
import type { BuiltDashboard } from './fake/built-dashboard.ts';
import { FakeHub } from './fake/fake-hub.ts';

describe('pipelines in the dashboard', function () {
  this.timeout(120_000);
  let built: BuiltDashboard;
  let browser: Browser;
  let hub: FakeHub;
  let url: string;

  before(async () => {
    built = await buildDashboard();
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await built.remove();
  });
  beforeEach(async () => {
    hub = new FakeHub({ files: built.files });
    url = await hub.start();
  });
  afterEach(() => hub.stop());

  function bodyOf(path: string): unknown {
    const sent = hub.requests.findLast((request) => request.path === path && request.method !== 'GET');
    return sent === undefined ? undefined : (JSON.parse(sent.body) as unknown);
  }

  it('draws what a pipeline does: branches side by side, loops, waits, handlers and what undoes a step', async () => {
    const { page, complaints } = await openPage(browser, `${url}/pipelines/spring_news`);
    await page.getByText('Wait for Email Opened').waitFor();
    for (const text of ['Each group', 'When the time is over', 'When it fails with CONSENT_MISSING', 'gold', 'Any other', 'To undo it'])
      assert.equal(await page.locator('.graph').getByText(text, { exact: true }).count(), 1, text);
    const [mail, crm] = await Promise.all(['mail', 'crm'].map((name) => page.getByText(name, { exact: true }).first().boundingBox()));
    assert.equal(mail?.y, crm?.y);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('shows environments, the next time of a schedule, and copies the address of a webhook', async () => {
    const { page } = await openPage(browser, `${url}/pipelines`);
    await page.getByText('Monday to Friday at 09:00').waitFor();
    await page.getByText('in 1 hr.').waitFor();
    await page.getByRole('link', { name: 'Staging' }).click();
    await page.getByRole('link', { name: 'Take an order' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Weekly report' }).count(), 0);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy the webhook address' }).click();
    await page.getByText('Copied').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${url}/hooks/in/3f9a7c1e8b`);
    await page.context().close();
  });

  it('starts a run by hand, once it has what the pipeline takes', async () => {
    const { page } = await openPage(browser, `${url}/pipelines/spring_news?show=start`);
    await page.getByRole('button', { name: 'Start a test run' }).click();
    await page.getByText('This is needed.').waitFor();
    assert.equal(bodyOf('/v1/pipelines/spring_news/runs'), undefined);
    await page.getByLabel('Subject of the mail').fill('Spring');
    await page.getByLabel('Person').fill('prs_00001');
    await page.getByRole('button', { name: 'Start a test run' }).click();
    await page.getByRole('list', { name: 'Steps' }).waitFor();
    assert.ok(page.url().endsWith('/runs/run_000064'));
    assert.deepEqual(bodyOf('/v1/pipelines/spring_news/runs'), { input: { subject: 'Spring' }, isTest: true, personId: 'prs_00001' });
    await page.context().close();
  });

  it('plays a run through without effects, and shows what would be held back', async () => {
    const { page, complaints } = await openPage(browser, `${url}/pipelines/qualify_lead?show=dry-run`);
    await page.getByLabel('Event', { exact: true }).fill('{ "type": ');
    await page.getByText('This is not JSON').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Play it through' }).isDisabled(), true);
    await page.getByLabel('Take one that came').selectOption({ index: 1 });
    await page.getByLabel('Event', { exact: true }).fill('{ "type": "track", "event": "Lead Created", "properties": { "source": "web" } }');
    await page.getByRole('button', { name: 'Play it through' }).click();
    const calls = page.getByRole('list', { name: 'Calls that would be made' });
    await calls.getByText('Would be held back: consent').waitFor();
    await page.getByText('It would end after 72 h 0 min.').waitFor();
    const asked = bodyOf('/v1/pipelines/dry-run') as { id: string; event: { event: string }; person: string };
    assert.equal(asked.id, 'qualify_lead');
    assert.equal(asked.event.event, 'Lead Created');
    assert.match(asked.person, /^prs_/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('says which part of the condition keeps a dry run from starting', async () => {
    const { page } = await openPage(browser, `${url}/pipelines/qualify_lead?show=dry-run`);
    const event = { type: 'track', event: 'Lead Created', properties: { source: 'phone' } };
    await page.getByLabel('Event', { exact: true }).fill(JSON.stringify(event));
    await page.getByRole('button', { name: 'Play it through' }).click();
    await page.getByText('It would start nothing').waitFor();
    assert.equal(await page.locator('.condition-unmet').count(), 1);
    await page.context().close();
  });

  it('rehearses over the log: who, why not, what it would cost', async () => {
    const { page } = await openPage(browser, `${url}/pipelines/qualify_lead?show=rehearse`);
    await page.getByLabel('How far back').selectOption('30');
    await page.getByRole('button', { name: 'Rehearse', exact: true }).click();
    await page.getByRole('heading', { name: '2 runs from 1,204 events' }).waitFor();
    for (const text of ['The condition of the trigger was not true', '12.5 EUR', 'Profiles are as they are today'])
      await page.getByText(text).first().waitFor();
    assert.deepEqual(bodyOf('/v1/pipelines/rehearse'), { id: 'qualify_lead', environment: 'production', lastMs: 30 * 86_400_000 });
    await page.context().close();
  });

  it('explains a person, and an event with the parts of the condition', async () => {
    const { page } = await openPage(browser, `${url}/people/prs_00001`);
    await page.getByRole('link', { name: 'Explain' }).click();
    await page.getByText('started nothing for prs_00001').waitFor();
    await page.goto(`${url}/events?name=Lead+Created`);
    await page.locator('.event-open').first().click();
    const condition = page.getByRole('dialog').locator('.condition').first();
    await condition.waitFor();
    assert.match((await condition.textContent()) ?? '', /event\.properties\.source != "phone"(true|false)/);
    await page.context().close();
  });

  it('counts a backfill before it starts one', async () => {
    const { page } = await openPage(browser, `${url}/pipelines/qualify_lead?show=backfill`);
    await page.getByRole('button', { name: 'Count first' }).click();
    await page.getByText('17 runs would start').waitFor();
    assert.equal((bodyOf('/v1/pipelines/qualify_lead/backfills') as { isDry?: boolean }).isDry, true);
    await page.getByRole('button', { name: 'Start 17 runs' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Start 17 runs' }).click();
    await page.getByRole('progressbar', { name: 'Positions of the log' }).waitFor();
    assert.equal((bodyOf('/v1/pipelines/qualify_lead/backfills') as { isDry?: boolean }).isDry, undefined);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Cancelled').waitFor();
    await page.context().close();
  });

  it('sends a broadcast after saying to how many, and shows how far it is', async () => {
    const { page } = await openPage(browser, `${url}/pipelines/spring_news?show=broadcasts`);
    await page.getByLabel('These people').check();
    await page.getByLabel('Ids of people').fill('prs_00001\nprs_00002, prs_00003\nprs_00001');
    await page.getByText('3 people, each once.').waitFor();
    await page.getByLabel('Subject of the mail').fill('Spring');
    await page.getByRole('button', { name: 'Send …' }).click();
    assert.equal(hub.world.broadcasts.length, 0);
    await page.getByRole('dialog').getByRole('button', { name: 'Send to 3 people' }).click();
    const bar = page.getByRole('progressbar', { name: 'People reached' });
    await bar.waitFor();
    const [sent] = hub.world.broadcasts;
    assert.ok(sent !== undefined);
    hub.world.broadcasts[0] = { ...sent, started: 2, succeeded: 1, skipped: 0 };
    hub.announceChange('broadcasts');
    await page.waitForFunction(() => document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') === '2');
    await page.getByRole('button', { name: 'Pause sending' }).click();
    await page.getByRole('button', { name: 'Resume sending' }).waitFor();
    await page.getByRole('button', { name: 'Cancel sending' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel it' }).click();
    await page.getByText('Cancelled').waitFor();
    assert.deepEqual(bodyOf('/v1/pipelines/spring_news/broadcasts'), {
      people: ['prs_00001', 'prs_00002', 'prs_00003'],
      input: { subject: 'Spring' },
    });
    await page.context().close();
  });

  it('puts an earlier version in force after asking, and holds the runs of a pipeline', async () => {
    const { page } = await openPage(browser, `${url}/pipelines/qualify_lead?show=versions`);
    await page.getByRole('button', { name: 'Put in force version 2' }).click();
    await page.getByRole('button', { name: 'Put version 2 in force' }).click();
    await page.getByText('in force here').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(hub.world.pipelines[0]?.version, 2);
    await page.getByRole('button', { name: 'Hold its runs too' }).click();
    await page.getByRole('button', { name: 'Pause and hold runs' }).click();
    await page.getByText('Paused, runs held').waitFor();
    assert.equal(hub.world.pipelines[0]?.holdsRuns, true);
    await page.context().close();
  });
});
