const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  euro: '€',
  copy: '©',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  middot: '·',
};

const BREAK = /^br\b/i;
const ITEM = /^li\b/i;
const PARAGRAPH = /^\/?(?:p|h[1-6]|table|ul|ol|blockquote|hr)\b/i;
const BLOCK = /^\/?(?:div|tr|section|header|footer|article)\b/i;
const CELL_END = /^\/t[dh]\s*$/i;
const LINK = /^a\b/i;
const LINK_END = /^\/a\s*$/i;

/**
 * A plain part from an HTML part: blocks become lines, links keep their address, list items get a dash. Goes through
 * the text once, so that no text, however made, takes long.
 */
export function toPlainText(html: string): string {
  const visible = withoutInvisible(html).replace(/\s+/g, ' ');
  return decode(readTags(visible))
    .split('\n')
    .map((line) => line.trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Without comments and elements that are never shown; what is not closed stays. */
function withoutInvisible(html: string): string {
  const opening = /<!--|<(head|style|script|title)\b/gi;
  const unclosed = new Set<string>();
  const kept: string[] = [];
  let from = 0;
  for (let found = opening.exec(html); found !== null; found = opening.exec(html)) {
    const name = (found[1] ?? '').toLowerCase();
    const end = unclosed.has(name) ? -1 : endOf(html, name, opening.lastIndex);
    if (end === -1) {
      unclosed.add(name);
      continue;
    }
    kept.push(html.slice(from, found.index));
    from = end;
    opening.lastIndex = end;
  }
  return kept.join('') + html.slice(from);
}

/** Where a comment (without a name) or an element ends; -1 when it does not. */
function endOf(html: string, name: string, start: number): number {
  const closing = name === '' ? /-->/g : new RegExp(`</${name}\\s{0,20}>`, 'gi');
  closing.lastIndex = start;
  return closing.exec(html) === null ? -1 : closing.lastIndex;
}

function readTags(html: string): string {
  const written: string[] = [];
  let link: { readonly address: string; readonly start: number } | undefined;
  let from = 0;
  for (let start = html.indexOf('<'); start !== -1; start = html.indexOf('<', from)) {
    const end = html.indexOf('>', start);
    if (end === -1) break;
    written.push(html.slice(from, start));
    from = end + 1;
    const tag = html.slice(start + 1, end);
    if (link !== undefined && LINK_END.test(tag)) {
      const label = written.splice(link.start).join('');
      written.push(toLink(link.address, label));
      link = undefined;
    } else if (LINK.test(tag)) {
      const address = addressOf(tag);
      if (address !== undefined) link = { address, start: written.length };
    } else if (link === undefined) {
      written.push(spaceFor(tag));
    }
  }
  return written.join('') + html.slice(from);
}

function spaceFor(tag: string): string {
  if (BREAK.test(tag) || BLOCK.test(tag)) return '\n';
  if (ITEM.test(tag)) return '\n- ';
  if (PARAGRAPH.test(tag)) return '\n\n';
  return CELL_END.test(tag) ? ' ' : '';
}

function addressOf(tag: string): string | undefined {
  const [, double, single] = /\bhref ?= ?(?:"([^"]*)"|'([^']*)')/i.exec(tag) ?? [];
  return double ?? single;
}

function toLink(address: string, label: string): string {
  const words = label.trim();
  if (words === '' || words === address) return address;
  return /^(https?|mailto):/i.test(address) ? `${words} (${address})` : words;
}

function decode(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi,
    (whole, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
      const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return point <= 0x10ffff && point > 31 ? String.fromCodePoint(point) : ' ';
    },
  );
}
