import { join } from 'node:path';
import express from 'express';
import type { Application, Request } from 'express';
import { sendPage } from './html.ts';

/** What the dashboard is served with. */
export interface DashboardNeeds {
  readonly folder: string;
  /** The page itself needs a session; its scripts and pictures hold nothing of anybody. */
  readonly hasSession: (req: Request) => boolean;
}

const ONE_YEAR_MS = 365 * 24 * 60 * 60 * 1_000;
const HAS_EXTENSION = /\.\w+$/;
const API_PATH = /^\/v1(\/|$)/;

/** Serves the built dashboard; addresses of its screens answer with its one page. */
export function serveDashboard(app: Application, { folder, hasSession }: DashboardNeeds): void {
  app.use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: ONE_YEAR_MS, index: false }));
  app.use((req, res, next) => {
    const asksForPage =
      req.method === 'GET' && !HAS_EXTENSION.test(req.path) && !API_PATH.test(req.path) && req.accepts(['html', 'json']) === 'html';
    if (!asksForPage) {
      next();
      return;
    }
    if (!hasSession(req)) {
      sendPage(res, 401, { title: 'Tendril', content: '<p>Open the page by the link that <code>tendril start</code> prints.</p>' });
      return;
    }
    res.setHeader('cache-control', 'no-cache');
    res.sendFile(join(folder, 'index.html'), next);
  });
  app.use(express.static(folder, { index: false, redirect: false }));
}
