import { TendrilError } from '@tendril/plugin-api';
import type { Call } from '@tendril/plugin-api';
import type { Settings, TemplatesRow } from './gen/manifest.gen.ts';
import { renderPart } from './liquid.ts';
import { toPlainText } from './plain-text.ts';

/** What a mail is made from: a template's name, or its parts. */
export interface Source {
  readonly template?: string;
  readonly subject?: string;
  readonly html?: string;
  readonly text?: string;
  readonly person?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A mail as it is sent. */
export interface Composed {
  readonly subject: string;
  readonly html?: string;
  readonly text: string;
}

const MOST_CHARACTERS = 500_000;

/**
 * Renders the parts of a mail, with the way out at the end of each.
 *
 * Templates see `profile.id`, `profile.traits`, `unsubscribeUrl` and the variables.
 *
 * @throws TendrilError NOT_FOUND for an unknown template; INPUT_INVALID for a part that cannot be rendered, is too large,
 * or a subject of more than one line
 */
export async function compose(source: Source, unsubscribeUrl: string, call: Call<Settings>): Promise<Composed> {
  const parts = await readParts(source, call);
  const values = { ...source.variables, profile: await readProfile(source.person, call), unsubscribeUrl };
  const subject = await renderPart('subject', parts.subject, values);
  if (hasControls(subject)) throw new TendrilError('INPUT_INVALID', { field: 'subject', reason: 'more than one line' });
  const html = parts.html === undefined ? undefined : await renderPart('html', parts.html, values);
  if ((html?.length ?? 0) > MOST_CHARACTERS)
    throw new TendrilError('INPUT_INVALID', { reason: 'too large', limitCharacters: MOST_CHARACTERS });
  const text = parts.text === undefined ? toPlainText(html ?? '') : await renderPart('text', parts.text, values);
  if ((html?.length ?? 0) + text.length > MOST_CHARACTERS)
    throw new TendrilError('INPUT_INVALID', { reason: 'too large', limitCharacters: MOST_CHARACTERS });
  const composed = { subject, text: withTextFooter(text, unsubscribeUrl, call.settings) };
  return html === undefined ? composed : { ...composed, html: withHtmlFooter(html, unsubscribeUrl, call.settings) };
}

/** Whether a text would break out of a header. */
export function hasControls(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- exactly these are what ends a header
  return /[\u0000-\u0008\u000a-\u001f\u007f\u2028\u2029]/.test(text);
}

async function readParts(
  { template, subject, html, text }: Source,
  call: Call<Settings>,
): Promise<{ subject: string; html?: string; text?: string }> {
  if (template === undefined)
    return { subject: subject ?? '', ...(html === undefined ? {} : { html }), ...(text === undefined ? {} : { text }) };
  const row = await call.table<TemplatesRow>('templates').get(template);
  if (row === undefined) throw new TendrilError('NOT_FOUND', { field: 'template', template });
  return row.value;
}

async function readProfile(person: string | undefined, call: Call<Settings>): Promise<object> {
  if (person === undefined) return { id: '', traits: {} };
  const { id, traits } = await call.actions.call<{ readonly id: string; readonly traits: object }>('people.get@1', { id: person });
  return { id, traits };
}

function withTextFooter(text: string, url: string, { footer = '', unsubscribeLabel = 'Unsubscribe' }: Settings): string {
  const lines = [...(footer === '' ? [] : [footer]), ...(text.includes(url) ? [] : [`${unsubscribeLabel}: ${url}`])];
  return lines.length === 0 ? text : `${text}\n\n-- \n${lines.join('\n')}\n`;
}

function withHtmlFooter(html: string, url: string, { footer = '', unsubscribeLabel = 'Unsubscribe' }: Settings): string {
  const hasLink = html.includes(url) || html.includes(escapeHtml(url));
  const link = hasLink ? '' : `<a href="${escapeHtml(url)}">${escapeHtml(unsubscribeLabel)}</a>`;
  const words = [escapeHtml(footer), link].filter((part) => part !== '').join('<br>');
  if (words === '') return html;
  const block = `<hr><p style="font-size:small;color:#666">${words}</p>`;
  const end = [...html.matchAll(/<\/body\s{0,20}>/gi)].at(-1)?.index ?? -1;
  return end === -1 ? html + block : html.slice(0, end) + block + html.slice(end);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
