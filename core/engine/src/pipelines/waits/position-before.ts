import type { StepRecord } from '../runs/records.ts';

const FIRST_OF_BLOCK = /^(?<owner>.*)\.(?:then|else|default|onTimeout|compensate|onError|cases\.\d+|onError\.\d+|parallel\.[^.]+)\.0$/;
const LATER = /^(?<list>.*?)(?<index>\d+)$/;

/** The path of the step before in a list; of the first, the path of the step that the list is in. `undefined` for the first of a pipeline or of a loop. */
export function pathBefore(path: string, base: string): string | undefined {
  const inner = path.slice(base.length);
  const { list = '', index = '0' } = LATER.exec(inner)?.groups ?? {};
  if (index !== '0') return `${base}${list}${String(Number(index) - 1)}`;
  const owner = FIRST_OF_BLOCK.exec(inner)?.groups?.['owner'];
  return owner === undefined ? undefined : `${base}${owner}`;
}

/** The position of the log when the step before began. @param base what stands in front of paths inside the loop */
export function positionBefore(path: string, base: string, recordAt: (path: string) => StepRecord | undefined): number | undefined {
  const before = pathBefore(path, base);
  return before === undefined ? undefined : recordAt(before)?.position;
}
