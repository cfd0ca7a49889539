/** Lines at which a test may kill the process: each stands between two things of which the disk may know only one. */
export const EVENT_FAULT_POINTS = [
  'ingest.before-append',
  'ingest.after-append',
  'quarantine.before-forget',
  'consumer.before-handle',
  'consumer.before-commit',
  'consumer.after-commit',
  'consumer.before-empty',
  'consumer.before-rewind',
  'outbox.before-append',
  'outbox.before-remove',
  'outbox.after-remove',
] as const;

/** Name of a line at which a test may kill the process. */
export type EventFaultPoint = (typeof EVENT_FAULT_POINTS)[number];

/** Called at each of these lines; there is none outside of tests. */
export type EventFault = (name: EventFaultPoint) => void;
