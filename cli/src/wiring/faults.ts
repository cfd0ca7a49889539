import { FAULT_POINTS } from '@tendril/stores';
import type { FaultPoint, Faults } from '@tendril/stores';

/** Where a test wants the hub to die, for the part that passes the point. */
export interface FaultSettings {
  readonly stores?: { readonly faults: Faults };
  readonly hub?: { readonly faultPoint: (point: string) => void };
}

/** Reads `TENDRIL_FAULT_POINT`, `name:passage`: the process is killed, without any clean-up, at that passage of the point. */
export function readFaults(text: string | undefined): FaultSettings {
  const [name, passage] = text?.split(':') ?? [];
  if (name === undefined) return {};
  const after = Number(passage ?? 1);
  const point = FAULT_POINTS.find((known): known is FaultPoint => known === name);
  if (point !== undefined) return { stores: { faults: { kill: point, after } } };
  let passages = 0;
  return {
    hub: {
      faultPoint: (passed) => {
        if (passed !== name) return;
        passages += 1;
        if (passages === after) process.kill(process.pid, 'SIGKILL');
      },
    },
  };
}
