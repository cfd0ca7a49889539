import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser, openPage } from './fake/browser.ts';
import { buildDashboard } from './fake/built-dashboard.ts';
import type { BuiltDashboard } from './fake/built-dashboard.ts';
import { checkAccess, readAxe } from './fake/check-access.ts';
import { FakeHub } from './fake/fake-hub.ts';

const SCREENS: readonly { readonly path: string; readonly heading: string; readonly shows: RegExp }[] = [
  { path: '/', heading: 'Overview', shows: /Reached the CRM/ },
  { path: '/', heading: 'Overview', shows: /Average score/ },
  { path: '/events', heading: 'Events', shows: /Offer Viewed/ },
  { path: '/people', heading: 'People', shows: /Last seen/ },
  { path: '/people/prs_00001', heading: '', shows: /speaks|against|Lead score/ },
  { path: '/people/prs_00001', heading: '', shows: /<b>slow<\/b> delivery/ },
  { path: '/leads', heading: 'Leads', shows: /Probability/ },
  { path: '/runs', heading: 'Runs', shows: /qualify_lead/ },
  { path: '/runs/run_000064', heading: 'qualify_lead', shows: /leads\.score/ },
  { path: '/pipelines', heading: 'Pipelines', shows: /Qualify new leads/ },
  { path: '/pipelines/qualify_lead', heading: 'Qualify new leads', shows: /Probability that makes a lead hot/ },
  { path: '/runs/run_waiting', heading: 'vip_offer', shows: /Element 1/ },
  { path: '/waiting', heading: 'Waiting for you', shows: /Offer 5,000 EUR/ },
  { path: '/pipelines/spring_news', heading: 'Spring news', shows: /When it fails with CONSENT_MISSING/ },
  { path: '/pipelines/take_order?environment=staging', heading: 'Take an order', shows: /Webhook address/ },
  { path: '/pipelines/qualify_lead?show=start', heading: 'Qualify new leads', shows: /Start one run/ },
  { path: '/pipelines/qualify_lead?show=dry-run', heading: 'Qualify new leads', shows: /Take one that came/ },
  { path: '/pipelines/qualify_lead?show=rehearse', heading: 'Qualify new leads', shows: /What would it have done/ },
  { path: '/pipelines/qualify_lead?show=explain&person=prs_00001', heading: 'Qualify new leads', shows: /Held back/ },
  { path: '/pipelines/qualify_lead?show=backfill', heading: 'Qualify new leads', shows: /None so far/ },
  { path: '/pipelines/spring_news?show=broadcasts', heading: 'Spring news', shows: /Nothing was sent yet/ },
  { path: '/pipelines/qualify_lead?show=versions', heading: 'Qualify new leads', shows: /Version 3/ },
  { path: '/mail', heading: 'Mail', shows: /a thought about your savings/ },
  { path: '/mail/mail_1', heading: '', shows: /List-Unsubscribe|Preview/ },
  { path: '/crm', heading: 'CRM', shows: /Latest at Salesforce/ },
  { path: '/setup', heading: 'Connections', shows: /Needs a login/ },
  { path: '/plugins', heading: 'Plugins', shows: /In a process of its own|Acme CRM/ },
  { path: '/plugins/salesforce', heading: 'Salesforce', shows: /1,204 contacts, none failed/ },
];

describe('dashboard screens', function () {
  this.timeout(120_000);
  let built: BuiltDashboard;
  let hub: FakeHub;
  let browser: Browser;
  let url: string;
  let axe: string;

  before(async () => {
    built = await buildDashboard();
    hub = new FakeHub({ files: built.files });
    url = await hub.start();
    browser = await launchBrowser();
    axe = await readAxe();
  });
  after(async () => {
    await browser.close();
    await hub.stop();
    await built.remove();
  });

  for (const { path, heading, shows } of SCREENS) {
    it(`shows ${path} without a complaint in the console`, async () => {
      const { page, complaints } = await openPage(browser, url + path);
      await page.locator('main').getByText(shows).first().waitFor();
      if (heading !== '') assert.equal(await page.locator('h1').textContent(), heading);
      await page.waitForLoadState('load');
      assert.deepEqual(complaints, []);
      await page.context().close();
    });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`is accessible in ${colorScheme}`, async () => {
      const { page } = await openPage(browser, url, { colorScheme });
      const faults: string[] = [];
      for (const { path, shows } of SCREENS) {
        await page.goto(url + path);
        await page.locator('main').getByText(shows).first().waitFor();
        faults.push(...(await checkAccess(page, axe)).map((fault) => `${path}: ${fault}`));
      }
      assert.deepEqual(faults, []);
      await page.context().close();
    });
  }

  for (const width of [390, 320]) {
    it(`fits a phone of ${String(width)} pixels without scrolling sideways`, async () => {
      const { page } = await openPage(browser, url, { width, height: 844 });
      for (const { path, shows } of SCREENS) {
        await page.goto(url + path);
        await page.locator('main').getByText(shows).first().waitFor();
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, path);
      }
      await page.context().close();
    });
  }

  it('can be walked by keyboard: skip link, navigation, a row, back', async () => {
    const { page } = await openPage(browser, `${url}/leads`);
    await page.locator('.lead-name').first().waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
    await page.keyboard.press('Enter');
    await page.locator('.lead-name').first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'How it was qualified' }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
    await page.goBack();
    await page.getByRole('heading', { name: 'Leads', level: 1 }).waitFor();
    await page.context().close();
  });

  it('opens the reasons of a score in words', async () => {
    const { page } = await openPage(browser, `${url}/leads`);
    await page.locator('.lead-toggle').first().click();
    const reasons = page.getByRole('list', { name: 'Reasons of the score' }).first();
    await reasons.waitFor();
    assert.match((await reasons.textContent()) ?? '', /for: \+\d\.\d\d/);
    await page.context().close();
  });

  it('previews a mail with its styles but without its scripts and its pictures from outside', async () => {
    const { page, complaints } = await openPage(browser, `${url}/mail/mail_1`);
    const inner = page.frameLocator('.mail-frame');
    await inner.locator('h1').waitFor();
    await page.waitForFunction(() => {
      const link = document.querySelector<HTMLIFrameElement>('.mail-frame')?.contentDocument?.querySelector('.btn');
      return link !== null && link !== undefined && getComputedStyle(link).backgroundColor === 'rgb(18, 115, 74)';
    });
    assert.equal(await inner.locator('img, script').count(), 0);
    assert.notEqual(await page.title(), 'hijacked');
    assert.ok(!((await page.locator('.mail-frame').getAttribute('sandbox')) ?? '').includes('allow-scripts'));
    await page.getByRole('button', { name: 'Headers' }).click();
    await page.getByText('list-unsubscribe-post').waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
});
