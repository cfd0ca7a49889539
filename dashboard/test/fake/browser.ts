import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the Chromium of the machine, or the one that `CHROMIUM_PATH` names. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args: FLAGS });
}

/** How a page is opened. */
export interface View {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

/** A page with everything that its console complained about. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: string[];
}

/** Opens an address in a browser context of its own and listens to its console. */
export async function openPage(browser: Browser, url: string, view: View = {}): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: view.width ?? 1280, height: view.height ?? 860 },
    colorScheme: view.colorScheme ?? 'light',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin) && /^https?:/.test(request.url()))
      complaints.push(`request to the outside: ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}
