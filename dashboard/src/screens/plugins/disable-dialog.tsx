import { useState } from 'react';
import { toApiProblem } from '../../api/api-problem.ts';
import { api } from '../../api/client.ts';
import type { PluginInfo } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { Confirm } from '../../ui/confirm.tsx';

interface DisableDialogProps {
  readonly plugin: PluginInfo;
  readonly onClose: () => void;
  readonly onDisabled: (plugin: PluginInfo) => void;
}

/** Asks before a plugin is disabled, and names those that need it. */
export function DisableDialog({ plugin, onClose, onDisabled }: DisableDialogProps) {
  const [dependants, setDependants] = useState<readonly string[]>([]);

  async function disable(): Promise<'stay' | void> {
    setDependants([]);
    try {
      onDisabled(await api.disablePlugin(plugin.id));
    } catch (thrown) {
      const named = toApiProblem(thrown).details?.['dependants'];
      if (!Array.isArray(named) || named.length === 0) throw thrown;
      setDependants(named.filter((each): each is string => typeof each === 'string'));
      return 'stay';
    }
  }
  return (
    <Confirm title={`Disable ${plugin.title}?`} action="Disable" isGrave onClose={onClose} onConfirm={disable}>
      <p>Steps that call its actions fail from then on. What it starts by itself stops. Its settings and its data stay.</p>
      {dependants.length === 0 ? null : (
        <div className="notice" role="alert">
          <p>Disable these first, they need it:</p>
          <ul className="plugin-names">
            {dependants.map((id) => (
              <li key={id}>
                <Link href={`/plugins/${encodeURIComponent(id)}`}>{id}</Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Confirm>
  );
}
