import type { Manifest } from '@tendril/schemas';
import type { PluginSchemas } from '../contract.ts';
import { panelInput } from '../plugin-panels.ts';
import { toPointer } from '../pointer.ts';

/** The action of a panel takes what the place asks it with. */
export function checkPanels(
  { contributes }: Manifest,
  { actions }: PluginSchemas,
  report: (pointer: string, message: string, suggestion?: string) => void,
): void {
  for (const [id, { action, place = 'plugin' }] of Object.entries(contributes.panels ?? {})) {
    const input = panelInput(place, 'example');
    const [problem] = actions.get(action)?.input.validate(structuredClone(input)) ?? [];
    if (problem === undefined) continue;
    report(
      `${toPointer('contributes', 'panels', id)}/action`,
      `names an action that does not take what a panel at the place ${place} asks it with, ${JSON.stringify(input)}: ${problem.pointer} ${problem.message}`,
    );
  }
}
