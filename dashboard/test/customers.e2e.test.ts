import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { launchBrowser, openPage } from './fake/browser.ts';
import { buildDashboard } from './fake/built-dashboard.ts';
import type { BuiltDashboard } from './fake/built-dashboard.ts';
import { checkAccess, readAxe } from './fake/check-access.ts';
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
    await page.getByText('Finished', { exact: true }).waitFor();
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
    await page.getByText('Finished', { exact: true }).waitFor();
    assert.deepEqual(
      inputsOf('leads.import_rows').map((input) => input['first']),
      [1, 1_001],
    );
    await page.context().close();
  });

  it('shows who would be in a segment, says where a condition is wrong, and saves it', async () => {
    const { page } = await openPage(browser, `${url}/segments/new?from=cart`);
    const preview = page.getByRole('region', { name: 'Who would be in' });
    await preview.getByText(/of 130 people/).waitFor();
    await page.getByLabel('Times').first().fill('2');
    await page.getByText('did("Product Added", 2, "3d") && !did("Order Completed", 1, "3d")').waitFor();
    await page.getByRole('button', { name: 'CEL' }).click();
    await page.getByLabel('Condition', { exact: true }).fill('dod("Product Added") && profile.traits.age > 30');
    await page.getByText('There is no function').waitFor();
    assert.equal(await page.locator('mark').textContent(), 'dod');
    assert.equal(await page.getByRole('button', { name: 'Make the segment' }).isDisabled(), true);
    await page.getByRole('button', { name: 'Write did instead' }).click();
    await page.getByLabel('Put in a segment').selectOption('in_segment("engaged")');
    await preview.getByText(/of 130 people/).waitFor();
    await page.getByRole('button', { name: 'Make the segment' }).click();
    await page.getByText('Saved. It is being prepared').waitFor();
    await page.getByRole('progressbar', { name: 'Preparing version 1' }).waitFor();
    const [saved] = inputsOf('profiles.segment_save');
    assert.equal(saved?.['name'], 'left_a_cart_behind');
    assert.match(String(saved?.['condition']), /^did\("Product Added"\) && profile\.traits\.age > .*in_segment\("engaged"\)/);
    await page.context().close();
  });

  it('decides on duplicates by keyboard, and takes a merge back', async () => {
    const { page } = await openPage(browser, `${url}/duplicates`);
    const pairs = page.getByRole('list', { name: 'Pairs' }).locator('> li');
    await pairs.first().waitFor();
    await pairs.first().focus();
    await page.keyboard.press('x');
    await page.getByText('stay two, and are not proposed again').waitFor();
    await page.waitForFunction(() => document.activeElement?.classList.contains('duplicate') === true);
    await page.keyboard.press('m');
    await page.getByText('are one person now.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back: they are two again.').waitFor();
    assert.equal(inputsOf('profiles.dismiss_duplicate').length, 1);
    assert.equal(inputsOf('profiles.merge').length, 1);
    assert.equal(inputsOf('profiles.unmerge').length, 1);
    await page.context().close();
  });

  it('gives a lead of the queue to somebody, and leaves another aside', async () => {
    const { page } = await openPage(browser, `${url}/leads`);
    await page.locator('.lead-toggle').first().click();
    await page.getByRole('region', { name: /^Who they are/ }).waitFor();
    await page.getByRole('region', { name: /^What they did/ }).waitFor();
    await page.getByLabel('Owner').last().selectOption('ana');
    await page.getByText('Given to Ana Prado.').waitFor();
    await page.getByLabel('Not now').selectOption('7');
    await page.getByText('Out of the queue until then.').or(page.locator('.lead-name').first()).first().waitFor();
    assert.equal(inputsOf('leads.assign')[0]?.['owner'], 'ana');
    await page.waitForFunction(() => document.querySelector('.lead-detail') === null);
    assert.ok(Date.parse(String(inputsOf('leads.snooze')[0]?.['until'])) > Date.now() + 6 * 86_400_000);
    await page.context().close();
  });

  it('makes a form with a preview, and judges an answer', async () => {
    const { page } = await openPage(browser, `${url}/forms/new`);
    await page.getByRole('button', { name: 'Make the form' }).click();
    await page.getByText('The form needs a title.').waitFor();
    await page.getByLabel('Title', { exact: true }).fill('Summer Fair');
    await page.getByLabel('Label of field 2').fill('Your name');
    await page.locator('.form-paper').getByText('Your name').waitFor();
    await page.getByRole('button', { name: 'Make the form' }).click();
    await page.getByText('/plugins/leads/forms/summer-fair').first().waitFor();
    await page.goto(`${url}/forms/offer`);
    await page.getByRole('button', { name: 'It is real' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.submission-list .button').length === 0);
    assert.deepEqual(inputsOf('leads.form_review'), [{ submission: 'sub_2', decision: 'approve' }]);
    await page.context().close();
  });

  it('makes a place: checks its rules while they are typed, tries it for somebody, saves it', async () => {
    const { page, complaints } = await openPage(browser, `${url}/places/new`);
    await page.getByLabel('Title', { exact: true }).fill('Sign-up banner');
    await page.getByLabel('Title of candidate 1').fill('For the engaged');
    await page.getByLabel('Text of headline in For the engaged').fill('Welcome back');
    await page.getByLabel('For whom For the engaged is').fill('profil.isIdentified');
    await page.getByRole('button', { name: 'Write profile instead' }).click();
    await page.getByRole('button', { name: 'Write profile instead' }).waitFor({ state: 'detached' });
    await page.getByLabel('Put in a segment').selectOption('"engaged" in profile.segments');
    await page.getByRole('button', { name: 'Another candidate' }).click();
    await page.getByLabel('Title of candidate 2').fill('For all');
    await page.getByRole('button', { name: 'Move For all up' }).click();
    await page.getByText('Order, times and limits').first().click();
    await page.getByLabel('Limit how often one person sees it').first().check();
    await page.getByLabel('Within how many').fill('12');
    await page.getByLabel('Unit of time').selectOption('h');
    await page.getByRole('button', { name: 'As JSON' }).last().click();
    await page.getByLabel('Content of the fallback as JSON').fill('{ "headline": 1');
    await page.getByRole('button', { name: 'Make the place' }).click();
    await page.getByText('The content of the fallback cannot be read.').waitFor();
    await page.getByLabel('Content of the fallback as JSON').fill('{ "headline": 1 }');

    const tried = page.getByRole('region', { name: 'Decide for…' });
    await tried.getByLabel('Somebody').fill(String(hub.world.people[4]?.person.traits['email']));
    await page.keyboard.press('Enter');
    await tried.getByText('it is for everybody').waitFor();
    await tried.getByRole('list', { name: 'Candidates that were looked at' }).getByText('Chosen').first().waitFor();
    await page.getByRole('button', { name: 'Make the place' }).click();
    await page.getByText('Saved. Applications can ask for it now.').waitFor();
    await page.getByText('WRITE_KEY').waitFor();
    assert.deepEqual(inputsOf('profiles.place_save'), [
      {
        basedOn: 0,
        place: {
          id: 'sign_up_banner',
          title: 'Sign-up banner',
          kind: 'page_slot',
          fallback: { headline: 1 },
          candidates: [
            { id: 'for_all', title: 'For all', content: { headline: '' }, limitPerPerson: { times: 3, within: '12h' } },
            {
              id: 'for_the_engaged',
              title: 'For the engaged',
              content: { headline: 'Welcome back' },
              when: 'profile.isIdentified && "engaged" in profile.segments',
            },
          ],
        },
      },
    ]);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('changes a place unless somebody else was faster, and deletes it', async () => {
    const { page } = await openPage(browser, `${url}/places/home_hero?show=edit`);
    const other = await openPage(browser, `${url}/places/home_hero?show=edit`);
    await page.getByLabel('Text of headline in the fallback').fill('Hello');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved as version 3.').waitFor();
    await other.page.getByLabel('Text of headline in the fallback').fill('Good day');
    await other.page.getByRole('button', { name: 'Save' }).click();
    await other.page.getByText('version 3 is in force').waitFor();
    await other.page.context().close();
    assert.deepEqual(
      inputsOf('profiles.place_save').map(({ basedOn }) => basedOn),
      [2, 2],
    );
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete the place' }).click();
    await page.getByText('No place yet').waitFor();
    await page.context().close();
  });

  it('says that nothing sends the mail of a form, and has it sent', async () => {
    const { page, complaints } = await openPage(browser, `${url}/forms`);
    await page.getByText('Nothing sends its mail').waitFor();
    await page.goto(`${url}/forms/news`);
    const warning = page.getByRole('alert').filter({ hasText: 'Nothing sends the mail yet.' });
    await warning.getByRole('button', { name: 'Have the mails sent' }).click();
    await page.getByText('The mails are sent from now on.').waitFor();
    await warning.waitFor({ state: 'detached' });
    const pipeline = hub.world.pipelines.find(({ id }) => id === 'leads_double_opt_in');
    assert.equal(pipeline?.isPaused, false);
    hub.world.pipelines.splice(hub.world.pipelines.indexOf(pipeline), 1, { ...pipeline, isPaused: true });
    await page.reload();
    await page.getByText('The pipeline that sends the mail is paused: leads_double_opt_in.').waitFor();
    await page.getByRole('button', { name: 'Resume it' }).click();
    await page.getByText('The mails are sent from now on.').waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it('asks questions about events, and shows the answer as a chart or as a table', async () => {
    const { page } = await openPage(browser, `${url}/explore`);
    await page.getByText('20 events behind the log').waitFor();
    await page.getByLabel('Split by').fill('channel');
    await page.getByRole('list', { name: 'In all' }).getByText('phone').waitFor();
    await page.getByRole('button', { name: 'As a table' }).click();
    await page.getByRole('columnheader', { name: 'phone' }).waitFor();
    await page.getByLabel('With events of test apps').uncheck();
    await page.getByText('Nothing happened in this time').waitFor();
    assert.equal(inputsOf('analytics.count').at(-1)?.['includesTest'], false);
    await page.context().close();
  });

  it('shows what people do after something and before it, and the pages that they view', async () => {
    const { page, complaints } = await openPage(browser, `${url}/explore?show=paths`);
    const after = page.getByRole('region', { name: 'Steps after Offer Viewed' });
    await after.getByRole('row', { name: /step 1: Call Answered 75% 1,880/ }).waitFor();
    await after.getByRole('row', { name: /step 2: Lead Created 60% 1,500/ }).waitFor();
    await after.getByRole('row', { name: /step 1: the session ended 8% 200/ }).waitFor();
    await page.getByText('20 events behind the log').waitFor();
    await page.getByLabel('What happened').selectOption('before');
    await page.getByRole('combobox', { name: 'Steps', exact: true }).selectOption('1');
    await page.getByRole('region', { name: 'Steps before Offer Viewed' }).waitFor();
    assert.deepEqual(inputsOf('analytics.paths').at(-1)?.['direction'], 'before');
    await page.getByRole('combobox', { name: 'Event', exact: true }).fill('Nothing Like It');
    await page.getByText('It did not happen in this time').waitFor();
    await page.getByRole('link', { name: 'Pages' }).click();
    await page.getByRole('row', { name: /^\/term-deposit 30% 1,900 1,200/ }).waitFor();
    await page.getByLabel('With this in the address').fill('/good');
    await page.getByRole('row', { name: /goodbye 100% 310 305 always the last/ }).waitFor();
    await page.getByLabel('Stretch of time').selectOption('7d');
    await page.getByRole('row', { name: /goodbye/ }).waitFor();
    assert.ok(Date.parse(String(inputsOf('analytics.pages').at(-1)?.['from'])) > Date.now() - 8 * 86_400_000);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  const SCREENS: readonly { readonly path: string; readonly shows: RegExp }[] = [
    { path: '/people/prs_00001', shows: /Segment entered/ },
    { path: '/segments', shows: /Reading the log/ },
    { path: '/segments/engaged', shows: /In since/ },
    { path: '/segments/new?from=cart', shows: /of 130 people/ },
    { path: '/segments/new?from=spenders', shows: /of 130 people/ },
    { path: '/traits', shows: /offers_30d/ },
    { path: '/duplicates', shows: /almost the same/ },
    { path: '/places', shows: /Part of a page/ },
    { path: '/places/home_hero', shows: /Held out/ },
    { path: '/places/home_hero?show=edit', shows: /Decide for/ },
    { path: '/places/home_hero?show=code', shows: /With a write key/ },
    { path: '/places/new', shows: /Make the place/ },
    { path: '/leads/led_00004', shows: /How it was qualified/ },
    { path: '/imports', shows: /Fair in Hanover/ },
    { path: '/imports/new', shows: /Choose a file/ },
    { path: '/imports/i0000000000000001', shows: /Go on with the file/ },
    { path: '/forms', shows: /To look at/ },
    { path: '/forms/news', shows: /Nothing sends the mail yet/ },
    { path: '/forms/offer', shows: /It was filled in within a second/ },
    { path: '/forms/offer?show=edit', shows: /As people see it/ },
    { path: '/forms/offer?show=share', shows: /Its own page/ },
    { path: '/qualification', shows: /Calibration error/ },
    { path: '/explore?by=channel', shows: /behind the log/ },
    { path: '/explore?show=funnel&step=A&step=B', shows: /Of the step before/ },
    { path: '/explore?show=retention', shows: /Same week/ },
    { path: '/explore?show=paths', shows: /the session ended/ },
    { path: '/explore?show=pages', shows: /always the last/ },
    { path: '/explore?show=sessions', shows: /Half are shorter than/ },
  ];

  for (const view of [
    { colorScheme: 'light', width: 1280 },
    { colorScheme: 'dark', width: 390 },
  ] as const) {
    it(`shows every screen in ${view.colorScheme} at ${String(view.width)} pixels: accessible, whole, without a complaint`, async () => {
      const axe = await readAxe();
      const { page, complaints } = await openPage(browser, url, { ...view, height: 860 });
      const faults: string[] = [];
      for (const { path, shows } of SCREENS) {
        await page.goto(url + path);
        await page.locator('main').getByText(shows).first().waitFor();
        faults.push(...(await checkAccess(page, axe)).map((fault) => `${path}: ${fault}`));
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        if (width > view.width) faults.push(`${path}: ${String(width)} pixels wide`);
      }
      assert.deepEqual([...faults, ...complaints], []);
      await page.context().close();
    });
  }
});
