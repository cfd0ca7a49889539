import { createHash } from 'node:crypto';
import type { Response } from 'express';

const STYLE =
  'body{font:1.125rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;color:#1c2530;background:#fff}' +
  'button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#1f6f54;color:#fff;cursor:pointer}' +
  'button:focus-visible{outline:3px solid #f0b429;outline-offset:2px}@media(prefers-color-scheme:dark){body{background:#14191f;color:#e8edf2}}';
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text that stands in HTML as itself. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Answers with a small page that needs no script. @param content HTML; escape what comes from elsewhere */
export function sendPage(res: Response, status: number, page: { readonly title: string; readonly content: string }): void {
  const title = escapeHtml(page.title);
  res.setHeader('content-security-policy', POLICY);
  res.setHeader('referrer-policy', 'no-referrer');
  res.setHeader('cache-control', 'no-store');
  res
    .status(status)
    .type('html')
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>` +
        `<style>${STYLE}</style></head><body><main><h1>${title}</h1>${page.content}</main></body></html>`,
    );
}
