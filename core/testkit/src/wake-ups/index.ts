export { missingRedis, startRedis } from '../servers/redis.ts';
export type { RedisServer } from '../servers/redis.ts';
export { createMemoryWakeServer } from './memory-wake-ups.ts';
export type { MemoryWakeServer, WakeTime } from './memory-wake-ups.ts';
export { testWakeUps } from './test-wake-ups.ts';
export type { OpenedWakeUps } from './test-wake-ups.ts';
