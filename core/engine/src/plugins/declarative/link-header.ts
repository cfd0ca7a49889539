import type { Json } from '@tendril/plugin-api';

/** The address of the link with relation `next`. @see RFC 8288, section 3, read 2026-11-22 */
export function nextLink(header: Json | undefined): string | undefined {
  if (typeof header !== 'string') return undefined;
  for (const [, address, parameters = ''] of header
    .slice(0, 8_192)
    .matchAll(/<([^<>]*)>((?:\s*;\s*[^\s=;,"]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]+))?)*)/g)) {
    const [, quoted, plain] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(parameters) ?? [];
    if ((quoted ?? plain ?? '').toLowerCase().split(/\s+/).includes('next')) return address;
  }
  return undefined;
}
