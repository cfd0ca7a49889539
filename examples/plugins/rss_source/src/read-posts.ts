/** One post of a feed. */
export interface Post {
  readonly id: string;
  readonly title: string;
  readonly link: string;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** The posts of an RSS 2.0 document in its order; those without anything to tell them apart are left out. */
export function readPosts(xml: string): readonly Post[] {
  return xml
    .split('<item>')
    .slice(1)
    .map((item) => ({ title: textOf(item, 'title'), link: textOf(item, 'link'), guid: textOf(item, 'guid') }))
    .map(({ title, link, guid }) => ({ id: guid === '' ? link : guid, title, link }))
    .filter(({ id }) => id !== '');
}

function textOf(item: string, name: string): string {
  const start = item.indexOf('>', item.indexOf(`<${name}`)) + 1;
  const end = item.indexOf(`</${name}>`);
  if (!item.includes(`<${name}`) || end < start) return '';
  const text = item.slice(start, end).trim();
  if (text.startsWith('<![CDATA[')) return text.slice('<![CDATA['.length, -']]>'.length).trim();
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] ?? '');
}
