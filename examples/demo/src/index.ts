export { answerCall, contactCalls } from './calls.ts';
export type { TrackingCall } from './calls.ts';
export { generatePerson } from './people.ts';
export type { GeneratedPerson } from './people.ts';
export { readRecords } from './records.ts';
export type { BankRecord } from './records.ts';
export { replay } from './replay.ts';
export type { ReplayOptions, ReplayState } from './replay.ts';
