import type { ErrorCode } from '@tendril/plugin-api';
import type { PluginFault, Problem } from '../../hub.ts';
import type { PluginSource } from '../contract.ts';

/** What names a plugin in a fault before its manifest is known to be sound. */
export interface FaultOrigin {
  readonly id: string;
  readonly source: PluginSource;
}

/** A fault of a manifest. */
export function fault(origin: FaultOrigin, problem: Problem, code: ErrorCode = 'MANIFEST_INVALID'): PluginFault {
  const { pointer, message, suggestion } = problem;
  return { plugin: origin.id, file: origin.source.file, pointer, code, message, ...(suggestion !== undefined && { suggestion }) };
}
