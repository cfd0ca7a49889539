import type { Manifest } from '@tendril/schemas';
import { toPointer } from '../pointer.ts';
import { parametersOf, shapeOf } from '../route-paths.ts';

/** What a manifest says of its routes: paths that can be matched, each once, and bodies where there can be one. */
export function checkRoutes({ contributes }: Manifest, report: (pointer: string, message: string, suggestion?: string) => void): void {
  const known = new Map<string, string>();
  for (const [id, { method, path, input }] of Object.entries(contributes.routes ?? {})) {
    const at = toPointer('contributes', 'routes', id);
    const names = parametersOf(path);
    if (names === undefined) report(`${at}/path`, 'has a segment that is neither plain text nor a whole parameter such as `{order}`');
    else if (new Set(names).size < names.length) report(`${at}/path`, 'names a parameter twice');
    if (/[?#%\\]|\/\/|\/\.{1,2}(\/|$)/.test(path))
      report(`${at}/path`, 'must be plain segments, without a query, escapes, empty segments or dots');
    if (method === 'GET' && input !== undefined)
      report(`${at}/input`, 'is the schema of a body, which a GET has not', 'leave it out; the handler gets the query as `request.query`');
    const shape = `${method} ${shapeOf(path)}`;
    const other = known.get(shape);
    if (other !== undefined) report(`${at}/path`, `answers the same requests as the route ${other}`);
    known.set(shape, id);
  }
}
