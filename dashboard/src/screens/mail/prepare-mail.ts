/** A mail's HTML made fit for the preview's frame. */
export interface PreparedMail {
  readonly html: string;
  /** Content of its style elements. */
  readonly styles: readonly string[];
  readonly withheldImages: number;
}

const FORBIDDEN = 'script, noscript, iframe, object, embed, link, meta, base, form';
const SAFE_ADDRESS = /^(?:https?:|mailto:|tel:|#)/i;
const STYLE_ELEMENT = /<style\b[^>]*>([\s\S]*?)<\/style\s*>/gi;
const STYLE_ATTRIBUTE = /(<[a-z][^<>]*?\s)style(\s*=)/gi;

/**
 * Takes out what a preview must not do: scripts, foreign frames, requests to the outside. Inline styles are put aside
 * under `data-mail-style`, as the page's content security policy would refuse them.
 */
export function prepareMail(html: string): PreparedMail {
  const styles = [...html.matchAll(STYLE_ELEMENT)].map(([, css]) => css ?? '');
  const bare = html.replace(STYLE_ELEMENT, '').replace(STYLE_ATTRIBUTE, '$1data-mail-style$2');
  const parsed = new DOMParser().parseFromString(bare, 'text/html');
  for (const element of parsed.querySelectorAll(`${FORBIDDEN}, style`)) element.remove();
  let withheldImages = 0;
  for (const element of parsed.querySelectorAll('*')) {
    for (const { name } of [...element.attributes]) {
      if (name.startsWith('on') || name === 'srcset' || name === 'background' || name === 'style') element.removeAttribute(name);
    }
  }
  for (const element of parsed.querySelectorAll('[src]')) {
    if (element.getAttribute('src')?.startsWith('data:image/') === true) continue;
    const words = parsed.createElement('span');
    words.textContent = element.getAttribute('alt') ?? '';
    element.replaceWith(words);
    withheldImages += 1;
  }
  for (const link of parsed.querySelectorAll('a, area')) {
    if (!SAFE_ADDRESS.test(link.getAttribute('href') ?? '')) link.removeAttribute('href');
    link.setAttribute('target', '_blank');
    link.setAttribute('rel', 'noopener noreferrer');
  }
  return { html: `<!doctype html>${parsed.documentElement.outerHTML}`, styles: styles.map(withoutImports), withheldImages };
}

function withoutImports(css: string): string {
  return css.replaceAll(/@import[^;]*;?/gi, '');
}
