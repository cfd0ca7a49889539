import type { RunFilter } from '@tendril/engine';

/** Which runs are meant, as it comes over HTTP: instants in ISO 8601. */
export type RunFilterOverHttp = Omit<RunFilter, 'from' | 'to'> & { readonly from?: string; readonly to?: string };

/** Reads the instants; what else stands beside them stays. */
export function readRunFilter<Filter extends RunFilterOverHttp>(
  filter: Filter,
): Omit<Filter, 'from' | 'to'> & { readonly from?: number; readonly to?: number } {
  const { from, to, ...rest } = filter;
  return {
    ...rest,
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
  };
}
