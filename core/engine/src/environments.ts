/** The environments that a pipeline can be in force in, from the least to the most serious. */
export const ENVIRONMENTS = ['development', 'staging', 'production'] as const;

/**
 * Where a version is in force. Events of live apps start what is in `production`. Events of a test app start what is in the
 * environment of the app; a pipeline that is not deployed there is taken from `production`, with effects on sandboxes only.
 */
export type EnvironmentName = (typeof ENVIRONMENTS)[number];
