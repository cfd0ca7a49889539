import type { FormsRow } from '../gen/manifest.gen.ts';
import { consentField, HONEYPOT, TOKEN_FIELD } from './answers.ts';
import type { AnswerProblem, Field } from './answers.ts';

/** What is filled in already and what is wrong with it. */
export interface PageState {
  readonly token: string;
  readonly given?: Readonly<Record<string, string>>;
  readonly problems?: readonly AnswerProblem[];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text that stands in HTML as itself. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** The page of a form: no script, nothing from elsewhere, each field with its label and its fault. */
export function formPage(form: FormsRow, { token, given = {}, problems = [] }: PageState): string {
  const problemsByField = new Map(problems.map(({ field, message }) => [field, message]));
  const summary =
    problems.length === 0
      ? ''
      : `<div class="faults" role="alert"><p>Please look at this again:</p><ul>${problems
          .map(
            ({ field, message }) =>
              `<li><a href="#${escapeHtml(field)}">${escapeHtml(labelOf(form, field))}</a>: ${escapeHtml(message)}</li>`,
          )
          .join('')}</ul></div>`;
  const introduction = form.introduction === undefined ? '' : `<p>${escapeHtml(form.introduction)}</p>`;
  return page(
    form,
    `${introduction}${summary}<form method="post" novalidate>${formFields(form, given, problemsByField)}` +
      `<input type="hidden" name="${TOKEN_FIELD}" value="${escapeHtml(token)}">` +
      `<button type="submit">${escapeHtml(form.submitLabel ?? 'Send')}</button></form>`,
  );
}

/** A page that says something. @param content HTML; escape what comes from elsewhere */
export function messagePage(form: Pick<FormsRow, 'language' | 'theme'>, title: string, content: string): string {
  return page({ ...form, title }, content);
}

/** The fields of a form, with the one that people do not see. */
export function formFields(
  { fields, consents = [] }: Pick<FormsRow, 'fields' | 'consents'>,
  given: Readonly<Record<string, string>> = {},
  problems: ReadonlyMap<string, string> = new Map(),
): string {
  const inputs = fields.map((field) => fieldHtml(field, given[field.name] ?? '', problems.get(field.name)));
  const boxes = consents.map(({ purpose, text, isRequired = false }) => {
    const name = consentField(purpose);
    return boxHtml({ name, label: text, isRequired }, given[name] !== undefined && given[name] !== '', problems.get(name));
  });
  const trap =
    `<div class="more" aria-hidden="true" style="position:absolute;left:-9999px"><label for="${HONEYPOT}">Leave this empty</label>` +
    `<input id="${HONEYPOT}" name="${HONEYPOT}" tabindex="-1" autocomplete="off"></div>`;
  return [...inputs, ...boxes, trap].join('');
}

function fieldHtml(field: Field, value: string, problem: string | undefined): string {
  const { name, type, label, isRequired = false, options = [], placeholder, mostCharacters, autocomplete } = field;
  if (type === 'hidden') return '';
  if (type === 'checkbox') return boxHtml({ name, label, isRequired }, value !== '' && value !== 'false', problem);
  const attributes = [
    `id="${name}" name="${name}"`,
    ...(isRequired ? ['required'] : []),
    ...(placeholder === undefined ? [] : [`placeholder="${escapeHtml(placeholder)}"`]),
    ...(mostCharacters === undefined || type === 'select' ? [] : [`maxlength="${String(mostCharacters)}"`]),
    ...autocompleteOf(type, autocomplete),
    ...faultAttributes(name, problem),
  ].join(' ');
  const input =
    type === 'textarea'
      ? `<textarea ${attributes} rows="5">${escapeHtml(value)}</textarea>`
      : type === 'select'
        ? `<select ${attributes}><option value=""></option>${options
            .map((option) => optionHtml(option.value, option.label ?? option.value, value))
            .join('')}</select>`
        : `<input type="${type}" ${attributes} value="${escapeHtml(value)}"${type === 'number' ? ' step="any"' : ''}>`;
  return `<p><label for="${name}">${escapeHtml(label)}${isRequired ? ' <span aria-hidden="true">*</span>' : ''}</label>${input}${faultHtml(name, problem)}</p>`;
}

function boxHtml(
  { name, label, isRequired }: { readonly name: string; readonly label: string; readonly isRequired: boolean },
  isTicked: boolean,
  problem: string | undefined,
): string {
  const attributes = [...(isRequired ? ['required'] : []), ...(isTicked ? ['checked'] : []), ...faultAttributes(name, problem)].join(' ');
  return `<p class="box"><input type="checkbox" id="${name}" name="${name}" value="yes" ${attributes}><label for="${name}">${escapeHtml(label)}</label>${faultHtml(name, problem)}</p>`;
}

function optionHtml(value: string, label: string, chosen: string): string {
  return `<option value="${escapeHtml(value)}"${value === chosen ? ' selected' : ''}>${escapeHtml(label)}</option>`;
}

function autocompleteOf(type: Field['type'], given: string | undefined): readonly string[] {
  const known = given ?? (type === 'email' || type === 'tel' || type === 'url' ? type : undefined);
  return known === undefined ? [] : [`autocomplete="${escapeHtml(known)}"`];
}

function faultAttributes(name: string, problem: string | undefined): readonly string[] {
  return problem === undefined ? [] : [`aria-invalid="true" aria-describedby="${name}-fault"`];
}

function faultHtml(name: string, problem: string | undefined): string {
  return problem === undefined ? '' : `<span class="fault" id="${name}-fault">${escapeHtml(problem)}</span>`;
}

function labelOf({ fields, consents = [] }: FormsRow, name: string): string {
  return fields.find((field) => field.name === name)?.label ?? consents.find(({ purpose }) => consentField(purpose) === name)?.text ?? name;
}

function page({ title, language = 'en', theme = {} }: Pick<FormsRow, 'title' | 'language' | 'theme'>, content: string): string {
  const heading = escapeHtml(title);
  return (
    `<!doctype html><html lang="${escapeHtml(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<meta name="robots" content="noindex"><title>${heading}</title><style>${styleOf(theme)}</style></head>` +
    `<body><main><h1>${heading}</h1>${content}</main></body></html>`
  );
}

function styleOf({ accent = '#1f6f54', background = '#ffffff', text = '#1c2530' }: NonNullable<FormsRow['theme']>): string {
  return (
    `:root{color-scheme:light}body{font:1.0625rem/1.5 system-ui,sans-serif;max-width:36rem;margin:6vh auto;padding:0 1.25rem;color:${text};background:${background}}` +
    `label{display:block;font-weight:600;margin-bottom:.25rem}input,select,textarea{font:inherit;width:100%;box-sizing:border-box;padding:.5rem .6rem;border:1px solid #767676;border-radius:.3rem;color:#111;background:#fff}` +
    `.box{display:grid;grid-template-columns:auto 1fr;gap:.1rem .6rem;align-items:start}.box input{width:1.2rem;height:1.2rem;margin:.2rem 0}.box label{font-weight:400;margin:0}.box .fault{grid-column:2}` +
    `button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.3rem;background:${accent};color:${isDark(accent) ? '#fff' : '#111'};cursor:pointer}` +
    `:focus-visible{outline:3px solid #f0b429;outline-offset:2px}.fault{color:#a30000;background:#fff}.faults{border:2px solid #a30000;padding:.2rem 1rem;margin:1rem 0;background:#fff;color:#111}` +
    `.more{position:absolute;left:-9999px}`
  );
}

/** By relative luminance, so that the words of the button can be read. @see WCAG 2.2, relative luminance */
function isDark(colour: string): boolean {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.18;
}
