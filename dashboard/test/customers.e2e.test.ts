import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser, openPage } from './fake/browser.ts';
import { buildDashboard } from './fake/built-dashboard.ts';
import type { BuiltDashboard } from './fake/built-dashboard.ts';
import { FakeHub } from './fake/fake-hub.ts';

/** A file with a head and `count` rows; every fiftieth has no address. */
function makeFile(count: number): Buffer {
  const rows = Array.from({ length: count }, (_, index) => {
    const number = String(index + 1);
    return `${index % 50 === 49 ? 'nobody' : `p${number}@example.invalid`};"Company ${number}, ""Ltd""";${index % 2 === 0 ? 'yes' : 'no'}`;
  });
  return Buffer.from(`E-Mail;Firma Größe;Newsletter\r\n${rows.join('\r\n')}\r\n`);
}

describe('dashboard screens about customers', function () {
  this.timeout(120_000);
  let built: BuiltDashboard;
  let hub: FakeHub;
  let browser: Browser;
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
  function inputsOf(action: string): readonly Record<string, unknown>[] {
    return hub.requests
      .filter(({ path }) => path === `/v1/actions/${action}`)
      .map(({ body }) => (JSON.parse(body) as { input: Record<string, unknown> }).input);
  }

  it('undoes a merge after saying what comes apart', async () => {
    const { page, complaints } = await openPage(browser, `${url}/people/prs_00001`);
    await page.getByRole('button', { name: /^Undo the merge with/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Take these two apart?' });
    await dialog.getByText('Becomes its own again').waitFor();
    await dialog.getByLabel(/^Why/).fill('Twins');
    await dialog.getByRole('button', { name: 'Undo the merge' }).click();
    await page.getByText('The merge is undone.').waitFor();
    await page.getByText(/undone.*: Twins/).waitFor();
    assert.deepEqual(inputsOf('profiles.unmerge'), [{ link: 'lnk_1', reason: 'Twins' }]);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('merges with a person that is found by address, after showing what both would be', async () => {
    const { page } = await openPage(browser, `${url}/people/prs_00003`);
    await page.getByRole('button', { name: 'Merge with…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Merge with another person' });
    await dialog.getByLabel(/^Who else is/).fill('nobody@example.invalid');
    await page.keyboard.press('Enter');
    await dialog.getByText('Nobody is known by that.').waitFor();
    const other = hub.world.people[4]?.person;
    await dialog.getByLabel(/^Who else is/).fill(String(other?.traits['email']));
    await page.keyboard.press('Enter');
    await dialog.getByText('Both have a user id of their own').waitFor();
    await dialog.getByRole('cell', { name: 'Consent to marketing' }).waitFor();
    await dialog.getByRole('button', { name: 'Merge them' }).click();
    await page.getByText('They are one person now.').waitFor();
    assert.deepEqual(inputsOf('profiles.merge'), [{ into: 'prs_00003', from: other?.id }]);
    await page.context().close();
  });

  it('shows of a timeline what one looks for', async () => {
    const { page } = await openPage(browser, `${url}/people/prs_00001`);
    const timeline = page.getByRole('region', { name: 'Timeline' });
    await timeline.getByText('Segment entered').waitFor();
    await timeline.getByRole('button', { name: 'Changes and merges' }).click();
    await timeline.getByText(/^Joined with prs_00002/).waitFor();
    assert.equal(await timeline.getByText('Segment entered').count(), 0);
    await timeline.getByRole('button', { name: 'Messages' }).click();
    await timeline.getByText('None of these').waitFor();
    await page.context().close();
  });

  it('imports a file: maps its columns, shows what would be refused, sends it and gives the refused rows back', async () => {
    const { page, complaints } = await openPage(browser, `${url}/imports/new`);
    await page.getByLabel('Choose a file').setInputFiles({ name: 'fair.csv', mimeType: 'text/csv', buffer: makeFile(200) });
    await page.getByText('semicolons').waitFor();
    assert.equal(await page.getByLabel('What E-Mail means').inputValue(), 'email');
    await page.getByText('4 refused').waitFor();
    await page.getByText('“nobody” is no e-mail address.').first().waitFor();
    await page.getByLabel('What E-Mail means').selectOption('');
    await page.getByText('Say which column holds the e-mail address').waitFor();
    await page.getByLabel('What E-Mail means').selectOption('email');
    await page.getByLabel('Name of the trait of Firma Größe').fill('company');
    await page.getByRole('button', { name: 'Import 200 rows' }).click();
    await page.getByText('Finished').waitFor();
    const [created] = inputsOf('leads.create_import');
    assert.deepEqual(created?.['mapping'], { 'E-Mail': 'email', 'Firma Größe': 'company' });
    assert.deepEqual(created?.['consent'], { column: 'Newsletter', optIn: ['yes'], optOut: ['no'], purposes: ['marketing'] });
    const [sent] = inputsOf('leads.import_rows');
    assert.equal((sent?.['rows'] as readonly unknown[]).length, 200);
    assert.deepEqual((sent?.['rows'] as readonly unknown[])[0], ['p1@example.invalid', 'Company 1, "Ltd"', 'yes']);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    assert.equal((await download).suggestedFilename(), 'refused fair.csv');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('goes on with an import after a reload, with the same file only', async () => {
    const { page } = await openPage(browser, `${url}/imports/new`);
    const file = { name: 'fair.csv', mimeType: 'text/csv', buffer: makeFile(1_500) };
    await page.getByLabel('Choose a file').setInputFiles(file);
    let calls = 0;
    // The second call fails for good, as when the hub was told to stop taking rows.
    await page.route('**/v1/actions/leads.import_rows', async (route) => {
      calls += 1;
      if (calls === 1) await route.continue();
      else
        await route.fulfill({
          status: 422,
          json: { title: 'The row cannot be taken.', status: 422, code: 'INPUT_INVALID', remedy: 'fix-input' },
        });
    });
    await page.getByRole('button', { name: 'Import all rows' }).click();
    await page.getByText('The row cannot be taken.').waitFor();
    await page.unroute('**/v1/actions/leads.import_rows');
    await page.reload();
    await page.getByText('It goes on at row 1,001').waitFor();
    await page.getByLabel('Go on with the file').setInputFiles({ ...file, buffer: makeFile(1_501) });
    await page.getByText('This file has').waitFor();
    await page.getByLabel('Go on with the file').setInputFiles(file);
    await page.getByText('Finished').waitFor();
    assert.deepEqual(
      inputsOf('leads.import_rows').map((input) => input['first']),
      [1, 1_001],
    );
    await page.context().close();
  });
});
