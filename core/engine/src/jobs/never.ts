/** The due time of a job that only somebody else wakes, in epoch milliseconds: the last moment of a Date. */
export const NEVER_MS = 8_640_000_000_000_000;
