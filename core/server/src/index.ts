export { createServer } from './create-server.ts';
export type { TendrilServer } from './create-server.ts';
export type { Listening } from './http/listen.ts';
export { DEFAULT_LIMITS } from './options.ts';
export type { SandboxCount, SandboxEffect, SandboxMail, SandboxMailDetail, SandboxView, ServerLimits, ServerOptions } from './options.ts';
