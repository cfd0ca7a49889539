export { TICKED } from './facts.ts';
export { SegmentsBatch } from './follow-events.ts';
export { createPartOfPast } from './part-of-past.ts';
export { WorkOnDefinitions } from './work-on-definitions.ts';
