/** A link of a page, and where it stands. */
export interface MarkdownLink {
  readonly target: string;
  /** From 1. */
  readonly line: number;
}

/** A link that leads nowhere. */
export interface BrokenLink extends MarkdownLink {
  readonly reason: string;
}

/** What is beside a page; paths are relative to it, '' is the page itself. */
export interface PageSurroundings {
  readonly kindOf: (path: string) => Promise<'file' | 'folder' | undefined>;
  readonly read: (path: string) => Promise<string>;
}

/** The page with its code blanked out, line by line. */
function linesWithoutCode(page: string, isInlineKept: boolean): readonly string[] {
  let fence: string | undefined;
  return page.split('\n').map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== undefined) {
      if (mark !== undefined && mark.startsWith(fence)) fence = undefined;
      return '';
    }
    if (mark !== undefined) {
      fence = mark;
      return '';
    }
    return isInlineKept ? line : line.replaceAll(/(`+)(?:(?!\1).)+\1/g, '');
  });
}

/** The targets of all links and pictures outside code. */
export function linksOf(page: string): readonly MarkdownLink[] {
  return linesWithoutCode(page, false).flatMap((text, index) => {
    const inline = [...text.matchAll(/\]\(<?([^()\s>]+)>?(?:\s+"[^"]*")?\)/g)];
    const defined = [...text.matchAll(/^\s*\[[^\]]+\]:\s+(\S+)/g)];
    return [...inline, ...defined].map((match) => ({ target: match[1] ?? '', line: index + 1 }));
  });
}

/** The anchors of a page's headings, as GitHub makes them. */
export function headingAnchors(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of linesWithoutCode(page, true)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${String(count)}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The links of a page that lead to no file, folder or heading. Addresses of the web are not asked for. */
export async function brokenLinks(page: string, surroundings: PageSurroundings): Promise<readonly BrokenLink[]> {
  const broken: BrokenLink[] = [];
  for (const link of linksOf(page)) {
    const reason = await whyBroken(link.target, surroundings);
    if (reason !== undefined) broken.push({ ...link, reason });
  }
  return broken;
}

async function whyBroken(target: string, { kindOf, read }: PageSurroundings): Promise<string | undefined> {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  if (target.startsWith('/')) return 'a path from the root of a machine';
  const [path = '', anchor] = target.split('#');
  const file = decodeURIComponent(path);
  const kind = file === '' ? 'file' : await kindOf(file);
  if (kind === undefined) return 'there is no such file';
  if (anchor === undefined) return undefined;
  if (kind === 'folder') return 'a folder has no headings';
  if (file !== '' && !file.endsWith('.md')) return undefined;
  return headingAnchors(await read(file)).has(anchor) ? undefined : 'there is no such heading';
}
