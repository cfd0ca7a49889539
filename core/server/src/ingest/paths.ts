/** What a path of the tracking API takes: one call of a type, or a batch of typed calls. */
export interface IngestPath {
  readonly path: string;
  readonly takes: 'call' | 'batch';
  /** The type of the one call. */
  readonly type?: string;
  readonly isImport: boolean;
}

const SINGLE = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;

/**
 * Every path that Segment's libraries post to: the long ones of servers and mobiles, and the first letters that
 * analytics-next uses in browsers.
 *
 * @see https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/ (read 2026-11-20)
 */
export const INGEST_PATHS: readonly IngestPath[] = [
  ...SINGLE.flatMap((type): readonly IngestPath[] => [
    { path: `/v1/${type}`, takes: 'call', type, isImport: false },
    { path: `/v1/${type.charAt(0)}`, takes: 'call', type, isImport: false },
  ]),
  { path: '/v1/batch', takes: 'batch', isImport: false },
  { path: '/v1/b', takes: 'batch', isImport: false },
  { path: '/v1/import', takes: 'batch', isImport: true },
];

const pathsByUrl: ReadonlyMap<string, IngestPath> = new Map(INGEST_PATHS.map((each) => [each.path, each]));

/** The ingest path of a request's URL; `undefined` when it is none. */
export function findIngestPath(url: string): IngestPath | undefined {
  const direct = pathsByUrl.get(url);
  if (direct !== undefined) return direct;
  const [path = ''] = url.split('?', 1);
  return pathsByUrl.get(path.endsWith('/') ? path.slice(0, -1) : path);
}
