import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser, openPage } from './fake/browser.ts';
import { buildDashboard } from './fake/built-dashboard.ts';
import type { BuiltDashboard } from './fake/built-dashboard.ts';
import { FakeHub } from './fake/fake-hub.ts';
import { makeApproval } from './fake/waiting.ts';

describe('runs and what waits for a person', function () {
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
    const sent = hub.requests.findLast((request) => request.path === path && request.method === 'POST');
    return sent === undefined ? undefined : (JSON.parse(sent.body) as unknown);
  }

  it('approves with a comment; the count in the navigation and the list follow', async () => {
    const { page, complaints } = await openPage(browser, `${url}/waiting`);
    const count = page.locator('.navigation-count');
    await count.getByText('3', { exact: false }).waitFor();
    await page.getByLabel('Comment').fill('Good customer');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Nothing to approve').waitFor();
    await count.getByText('2', { exact: false }).waitFor();
    assert.deepEqual(bodyOf('/v1/approvals/run_waiting/2.parallel.mail.0/approve'), { comment: 'Good customer' });
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('shows an approval as soon as it is asked for, and what is wrong when somebody else was first', async () => {
    hub.world.approvals.splice(0);
    const { page } = await openPage(browser, `${url}/waiting`);
    await page.getByText('Nothing to approve').waitFor();
    await page.locator('.live-live').waitFor();
    const [run] = hub.world.runs;
    assert.ok(run !== undefined);
    hub.world.approvals.push(makeApproval(run));
    hub.announceChange('approvals');
    await page.getByRole('button', { name: 'Reject' }).waitFor();
    hub.failing.set('/v1/approvals/run_waiting', {
      status: 409,
      body: { title: 'It has been decided otherwise.', status: 409, code: 'CONFLICT', remedy: 'fix-input' },
    });
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByRole('alert').getByText('It has been decided otherwise.').waitFor();
    await page.context().close();
  });

  it('shows the steps of a run as a tree, and decides on it there', async () => {
    const { page } = await openPage(browser, `${url}/runs/run_waiting`);
    await page.getByRole('heading', { name: 'Element 2' }).waitFor();
    await page.getByText('Branch mail').waitFor();
    await page.locator('.flow-until', { hasText: 'goes on' }).first().waitFor();
    await page.getByRole('link', { name: 'run_000001' }).waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.locator('.page-head').getByText('Running').waitFor();
    await page.context().close();
  });

  it('cancels a run with a reason', async () => {
    const { page } = await openPage(browser, `${url}/runs/run_waiting`);
    await page.getByRole('button', { name: 'Cancel run' }).click();
    await page.getByLabel('Now').check();
    await page.getByLabel('Reason').fill('ordered twice');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the run' }).click();
    await page.locator('.page-head').getByText('Cancelled').waitFor();
    assert.deepEqual(bodyOf('/v1/runs/run_waiting/cancel'), { mode: 'now', reason: 'ordered twice' });
    await page.context().close();
  });

  it('does a run again from a step with the version in force, and leads to the new run', async () => {
    const { page } = await openPage(browser, `${url}/runs/run_000064`);
    await page.getByRole('button', { name: 'Again from here: step score' }).click();
    await page.getByLabel('The one in force now').check();
    await page.getByRole('button', { name: 'Start the run' }).click();
    await page.getByText('Again of').waitFor();
    assert.ok(page.url().endsWith('/runs/run_000064_again'));
    assert.deepEqual(bodyOf('/v1/runs/run_000064/replay'), { version: 'current', fromStep: '0' });
    await page.context().close();
  });

  it('counts what a filter means before it does all of it again', async () => {
    const { page } = await openPage(browser, `${url}/runs?state=failed&pipeline=qualify_lead`);
    await page.getByRole('button', { name: 'Do all of these again' }).click();
    const start = page.getByRole('dialog').getByRole('button', { name: 'Start 1 run' });
    await start.waitFor();
    assert.deepEqual(bodyOf('/v1/runs/replay'), {
      filter: { pipeline: 'qualify_lead', state: 'failed' },
      isDry: true,
      version: 'same',
    });
    await start.click();
    await page.getByRole('heading', { name: '1 run started' }).waitFor();
    assert.equal((bodyOf('/v1/runs/replay') as { isDry: boolean }).isDry, false);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.context().close();
  });
});
