export { createMemoryStores } from './stores/memory-stores.ts';
export { fakeCall } from './fake-call.ts';
export type { FakeCall, FakeCallOptions, FakeTable } from './fake-call.ts';
export { pollSource } from './poll-source.ts';
export type { Polled, PollOptions } from './poll-source.ts';
export { readSource } from './conformance/read-source.ts';
export { testPlugin } from './test-plugin.ts';
