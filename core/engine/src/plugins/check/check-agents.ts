import type { Manifest } from '@tendril/schemas';
import { nearestName } from '../../nearest-name.ts';
import { compileNamePatterns } from '../name-patterns.ts';
import { toPointer } from '../pointer.ts';

/** Contracts of drivers that plugins may implement so far. */
const OPEN_CONTRACTS = ['text_generation', 'embeddings', 'analytics'];

/** What an agent sees and calls must be covered by the plugin's permissions, and its bounds must mean something. */
export function checkAgents(
  { id: pluginId, contributes, permissions }: Manifest,
  report: (pointer: string, message: string, suggestion?: string) => void,
): void {
  const readable = permissions?.events?.read ?? [];
  const mayRead = compileNamePatterns(readable);
  const callable = [...(permissions?.actions ?? []), ...Object.keys(contributes.actions ?? {}).map((action) => `${pluginId}.${action}`)];
  for (const [id, agent] of Object.entries(contributes.agents ?? {})) {
    const at = toPointer('contributes', 'agents', id);
    for (const [index, name] of (agent.events ?? []).entries()) {
      const isCovered = name === '*' ? readable.includes('*') : mayRead(name);
      if (!isCovered) report(`${at}/events/${index}`, 'is not among permissions.events.read', nearestName(name, readable));
    }
    for (const [index, name] of agent.actions.entries())
      if (!callable.includes(name)) report(`${at}/actions/${index}`, 'is not among permissions.actions', nearestName(name, callable));
    for (const [index, name] of (agent.approval ?? []).entries())
      if (!agent.actions.includes(name))
        report(`${at}/approval/${index}`, 'is none of the actions of this agent', nearestName(name, agent.actions));
    if ((agent.perDay?.spendCents ?? 0) > 0 && permissions?.money?.currencies.length !== 1)
      report(`${at}/perDay/spendCents`, 'needs permissions.money with exactly one currency: the bound counts in it');
  }
}

/** Better refused than silently idle. */
export function checkDrivers({ contributes }: Manifest, report: (pointer: string, message: string, suggestion?: string) => void): void {
  for (const [id, { contract }] of Object.entries(contributes.drivers ?? {})) {
    if (!OPEN_CONTRACTS.includes(contract))
      report(
        `${toPointer('contributes', 'drivers', id)}/contract`,
        'is not open to plugins in this version',
        `use one of ${OPEN_CONTRACTS.join(', ')}`,
      );
  }
}
