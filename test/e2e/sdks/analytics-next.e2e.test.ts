import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { ALL_KINDS, startHub, kindsOf } from './hub-under-test.ts';
import type { HubUnderTest } from './hub-under-test.ts';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const UMD = join(dirname(createRequire(import.meta.url).resolve('@segment/analytics-next/package.json')), 'dist', 'umd');

const EVERY_CALL = `
  analytics.identify('u-1', { email: 'ada@example.invalid' });
  analytics.track('Order Completed', { total: 12.5 });
  analytics.page('Home');
  analytics.screen('Start');
  analytics.group('g-1');
  analytics.alias('u-2', 'u-1');
`;

/** A shop's page at an origin of its own, as npm users load the library. */
function npmPage(settings: object, options: object): string {
  return `<!doctype html><script src="/index.js"></script><script>
    const analytics = AnalyticsNext.AnalyticsBrowser.load(${JSON.stringify(settings)}, ${JSON.stringify(options)});
    ${EVERY_CALL}</script>`;
}

/** As users of the snippet load it. */
function snippetPage(settings: { readonly writeKey: string; readonly cdnURL: string }): string {
  return `<!doctype html><script>
    const analytics = (window.analytics = []);
    analytics._writeKey = ${JSON.stringify(settings.writeKey)};
    analytics._cdn = ${JSON.stringify(settings.cdnURL)};
    for (const name of ['identify', 'track', 'page', 'screen', 'group', 'alias']) analytics[name] = (...rest) => analytics.push([name, ...rest]);
    ${EVERY_CALL}</script><script async src="/standalone.js"></script>`;
}

describe("Segment's library for browsers, with the host changed", function () {
  this.timeout(60_000);
  let hub: HubUnderTest;
  const shop = createServer(
    (req, res) =>
      void answerShop(req.url ?? '/', () => html).then(({ type, body }) => res.writeHead(200, { 'content-type': type }).end(body)),
  );
  let browser: Browser | undefined;
  let page: Page;
  let html = '';

  before(async function () {
    if (!existsSync(CHROMIUM)) {
      process.emitWarning(`skipped: there is no Chromium at ${CHROMIUM}; set CHROMIUM_PATH`);
      this.skip();
    }
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  after(async () => {
    await browser?.close();
    shop.close();
  });
  beforeEach(async () => {
    hub = await startHub();
    assert.ok(browser !== undefined);
    page = await browser.newPage();
  });
  afterEach(async () => {
    await page.close();
    await hub.close();
  });

  async function visit(content: string): Promise<void> {
    html = content;
    await page.goto(`http://127.0.0.1:${String((shop.address() as AddressInfo).port)}/`);
  }

  async function untilAllArrived(): Promise<void> {
    const events = await hub.until(ALL_KINDS.length);
    assert.deepEqual(kindsOf(events), ALL_KINDS);
    const track = events.find(({ kind }) => kind === 'track');
    assert.deepEqual([track?.name, track?.properties], ['Order Completed', { total: 12.5 }]);
  }

  it('delivers every kind of call from another origin, by its settings alone', async () => {
    await visit(npmPage({ writeKey: hub.writeKey, cdnURL: hub.url }, {}));
    await untilAllArrived();
  });

  it('delivers in batches', async () => {
    const deliveryStrategy = { strategy: 'batching', config: { size: 6, timeout: 500 } };
    await visit(npmPage({ writeKey: hub.writeKey, cdnURL: hub.url }, { integrations: { 'Segment.io': { deliveryStrategy } } }));
    await untilAllArrived();
  });

  it('delivers when it was loaded by a snippet', async () => {
    await visit(snippetPage({ writeKey: hub.writeKey, cdnURL: hub.url }));
    await untilAllArrived();
  });

  it('delivers what is still waiting when the page is left', async () => {
    const deliveryStrategy = { strategy: 'batching', config: { size: 100, timeout: 60_000 } };
    await visit(npmPage({ writeKey: hub.writeKey, cdnURL: hub.url }, { integrations: { 'Segment.io': { deliveryStrategy } } }));
    await page.evaluate('analytics.ready()');
    await page.evaluate('analytics.track("Last")');
    assert.deepEqual(await hub.events(), []);
    await page.goto('about:blank');
    const events = await hub.until(ALL_KINDS.length + 1);
    assert.ok(events.some(({ name }) => name === 'Last'));
  });
});

async function answerShop(url: string, page: () => string): Promise<{ readonly type: string; readonly body: string | Buffer }> {
  if (/^\/[\w.-]+\.js$/.test(url)) return { type: 'text/javascript', body: await readFile(join(UMD, url)) };
  return { type: 'text/html', body: page() };
}
