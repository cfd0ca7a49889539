export { FAULT_KINDS } from './faults.ts';
export type { Fault, FaultKind } from './faults.ts';
export type { Counts, Effect, LoggedRequest, ServiceName, StoredRecord } from './ledger.ts';
export type { KeptMail } from './mail/mail-sink.ts';
export { readSandboxesFile, startSandboxes } from './start-sandboxes.ts';
export type { SandboxesFile, Sandboxes, SandboxPorts, SandboxServices } from './start-sandboxes.ts';
export { createSandboxControl } from './sandbox-control.ts';
export type { SandboxControl, SandboxStatus } from './sandbox-control.ts';
export { ensureSandboxes } from './ensure-sandboxes.ts';
