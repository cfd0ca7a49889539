import type { ActionPath } from '../../actions/contract.ts';
import type { ConnectionInfo } from '../../hub.ts';
import { blocksOf } from '../definition.ts';
import type { Definition, StepDefinition } from '../definition.ts';

/** The connections that a pipeline needs, as if somebody had added them: a simulation reaches nobody by them. */
export async function assumedConnections(
  definitions: readonly Definition[],
  find: (name: string) => ReturnType<ActionPath['find']>,
): Promise<readonly ConnectionInfo[]> {
  const found = new Map<string, ConnectionInfo>();
  for (const call of definitions.flatMap((definition) => callsIn([...definition.steps, ...(definition.onError ?? [])]))) {
    const action = await find(call.action);
    const kind = action?.connectionKinds[0];
    if (action === undefined || kind === undefined) continue;
    const name = call.connection ?? action.plugin;
    found.set(name, { name, plugin: action.plugin, kind, isSandbox: true, state: 'working', createdAt: 0, values: {} });
  }
  return [...found.values()];
}

interface Call {
  readonly action: string;
  readonly connection: string | undefined;
}

function callsIn(steps: readonly StepDefinition[]): readonly Call[] {
  return steps.flatMap((step) => [
    ...(step.action === undefined ? [] : [{ action: step.action, connection: step.connection }]),
    ...(typeof step.forEach === 'object' ? [{ action: step.forEach.action, connection: step.forEach.connection }] : []),
    ...blocksOf(step).flatMap((block) => callsIn(block.steps)),
  ]);
}
