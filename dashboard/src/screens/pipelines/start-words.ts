const REASONS: Readonly<Record<string, string>> = {
  where: 'The condition of the trigger was not true',
  max_age: 'The event was too old',
  imported: 'The event was imported or replayed',
  paused: 'The pipeline was paused',
  hops: 'The event came of too long a chain of pipelines',
  rate_limit: 'The rate limit was used up',
  serial_overflow: 'Too many runs of the same key were open',
  debounced: 'A later event took its place',
  batched: 'It was collected with others into one run',
  limits: 'A limit of the pipeline refused it, or gathered it with others',
  deployed_later: 'The pipeline was deployed later',
  not_yet: 'It has not been looked at yet',
};

/** Why an event started nothing, in words, by the stable code. */
export function nameNotStarted(code: string): string {
  return REASONS[code] ?? code.replaceAll('_', ' ');
}
