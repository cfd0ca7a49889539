import type { Environment } from '../../api/types.ts';

/** Environments in the order in which a version goes through them. */
export const ENVIRONMENTS: readonly Environment[] = ['development', 'staging', 'production'];

/** Where the screen of a pipeline is; production stands for itself. */
export function pipelineAddress(id: string, environment: Environment | undefined, show = ''): string {
  const query = new URLSearchParams();
  if (environment !== undefined && environment !== 'production') query.set('environment', environment);
  if (show !== '') query.set('show', show);
  return `/pipelines/${encodeURIComponent(id)}${query.size === 0 ? '' : `?${query.toString()}`}`;
}

/** The environment that an address names; production when it names none. */
export function readEnvironment(query: URLSearchParams): Environment {
  const named = query.get('environment');
  return ENVIRONMENTS.find((each) => each === named) ?? 'production';
}
