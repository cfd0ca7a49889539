import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser, openPage } from './fake/browser.ts';
import { buildDashboard } from './fake/built-dashboard.ts';
import type { BuiltDashboard } from './fake/built-dashboard.ts';
import { FakeHub } from './fake/fake-hub.ts';

describe('live dashboard', function () {
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

  it('shows events, counters and runs as they come in', async () => {
    const { page, complaints } = await openPage(browser, url);
    await page.locator('.live-live').waitFor();
    await page.locator('.event-line').first().waitFor();
    const before = await page.locator('.counter-value').first().getAttribute('title');
    hub.emit(25);
    await page.waitForFunction((old) => document.querySelector('.counter-value')?.getAttribute('title') !== old, before);
    const newest = hub.world.events.at(-1);
    await page
      .locator('.event-line')
      .first()
      .getByText(newest?.identities['userId']?.toString() ?? '')
      .waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('says that it reconnects when the hub goes away, and goes on when it is back', async () => {
    const { page } = await openPage(browser, url);
    await page.locator('.live-live').waitFor();
    hub.failing.set('/v1/stream', { status: 503, body: { title: 'Starting.', status: 503, code: 'STARTING', remedy: 'retry' } });
    hub.cutStreams();
    await page.getByText('Reconnecting').waitFor();
    hub.failing.clear();
    await page.locator('.live-live').waitFor();
    await page.context().close();
  });

  it('holds the list of events still, filters it, and shows one in full', async () => {
    const { page } = await openPage(browser, `${url}/events`);
    await page.locator('.windowed-row').first().waitFor();
    await page.locator('.live-live').waitFor();
    await page.getByRole('button', { name: 'Hold still' }).click();
    const first = await page.locator('.windowed-row').first().textContent();
    hub.emit(12);
    await page.getByText('12 new events waiting').waitFor();
    assert.equal((await page.locator('.windowed-row').first().textContent())?.slice(0, 12), first?.slice(0, 12));
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByLabel('Filter by name').fill('Lead Created');
    await page.waitForFunction(() => [...document.querySelectorAll('.event-name')].every((name) => name.textContent === 'Lead Created'));
    await page.locator('.event-open').first().click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText('Message id').waitFor();
    assert.match((await drawer.textContent()) ?? '', /"source"/);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('keeps few rows in the page while 50 events a second arrive', async () => {
    const { page } = await openPage(browser, `${url}/events`);
    await page.locator('.live-live').waitFor();
    for (let batch = 0; batch < 40; batch += 1) {
      hub.emit(50);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    await page.waitForFunction(() => Number(document.querySelector('.windowed-row')?.getAttribute('aria-setsize')) >= 500);
    assert.ok((await page.locator('.windowed-row').count()) < 60);
    await page.context().close();
  });

  it('pauses and resumes everything that is sent, after asking', async () => {
    const { page } = await openPage(browser, url);
    await page.getByRole('button', { name: 'Pause everything' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(hub.world.governor.isPaused, false);
    await page.getByRole('button', { name: 'Pause everything' }).click();
    await dialog.getByRole('button', { name: 'Pause now' }).click();
    await page.getByText('Nothing is sent or spent until you resume').waitFor();
    assert.equal(hub.world.governor.isPaused, true);
    assert.equal(hub.requests.find((request) => request.path === '/v1/governor/pause')?.csrf, '1');
    await page.getByRole('button', { name: 'Resume everything' }).click();
    await dialog.getByRole('button', { name: 'Resume now' }).click();
    await page.getByText('Nothing is sent or spent until you resume').waitFor({ state: 'detached' });
    assert.equal(hub.world.governor.isPaused, false);
    await page.context().close();
  });

  it('says so when pausing failed, and keeps asking', async () => {
    hub.failing.set('/v1/governor/pause', {
      status: 503,
      body: { title: 'The store cannot be reached.', status: 503, code: 'STORE_UNAVAILABLE', remedy: 'retry' },
    });
    const { page } = await openPage(browser, url);
    await page.getByRole('button', { name: 'Pause everything' }).click();
    await page.getByRole('button', { name: 'Pause now' }).click();
    await page.getByRole('alert').getByText('The store cannot be reached.').waitFor();
    assert.equal(await page.locator('.governor-banner').count(), 0);
    await page.context().close();
  });

  it('lets a person decide on a run that needs review', async () => {
    const run = hub.world.runs.find((each) => each.state === 'needs_review');
    const { page } = await openPage(browser, `${url}/runs?state=needs_review`);
    await page.locator('.row-link').first().click();
    await page.getByRole('button', { name: 'It happened' }).click();
    await page.locator('.page-head').getByText('Succeeded').waitFor();
    const sent = hub.requests.find((request) => request.path === `/v1/runs/${run?.id ?? ''}/resolve`);
    assert.deepEqual(JSON.parse(sent?.body ?? '{}'), { decision: 'happened' });
    await page.context().close();
  });
});
