import type { FormsRow } from '../gen/manifest.gen.ts';
import { escapeHtml, formFields } from './form-page.ts';

/** HTML for a page of somebody else's: a form that is sent without any script. Without the token of a page its answers wait for a look, unless the form's protection says otherwise. */
export function plainSnippet(form: FormsRow, address: string): string {
  return `<form method="post" action="${escapeHtml(address)}">${formFields(form)}<button type="submit">${escapeHtml(form.submitLabel ?? 'Send')}</button></form>`;
}

/** HTML with a script: asks for a token, does the work that is asked for, sends, and says what came of it. */
export function scriptSnippet(form: FormsRow, address: string): string {
  const id = `tendril-form-${form.id}`;
  return (
    `<form id="${id}" method="post" action="${escapeHtml(address)}">${formFields(form)}<button type="submit">${escapeHtml(form.submitLabel ?? 'Send')}</button>` +
    `<p role="status" aria-live="polite"></p></form>\n<script>\n${SCRIPT.replace('FORM_ID', JSON.stringify(id)).replace('FORM_ADDRESS', JSON.stringify(address).replaceAll('<', '\\u003c'))}</script>`
  );
}

const SCRIPT = `(async function () {
  const form = document.getElementById(FORM_ID), address = FORM_ADDRESS, status = form.querySelector('[role=status]');
  const asked = fetch(address + '/token').then((answer) => answer.json());
  async function work(token, bits) {
    for (let count = 0; ; count += 1) {
      const text = new TextEncoder().encode(token + '.' + count);
      const digest = new DataView(await crypto.subtle.digest('SHA-256', text));
      if (Math.clz32(digest.getUint32(0)) >= bits) return String(count);
    }
  }
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    try {
      const { token, workBits } = await asked;
      const body = Object.fromEntries(new FormData(form));
      body._token = token;
      if (workBits > 0) body._work = await work(token, workBits);
      const answer = await fetch(address, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify(body) });
      const { message, problems } = await answer.json();
      status.textContent = problems && problems.length > 0 ? problems.map((problem) => problem.message).join(' ') : message || 'Please try again later.';
      if (answer.ok) form.reset();
    } catch {
      status.textContent = 'Please try again later.';
    }
    button.disabled = false;
  });
})();
`;
