import { useState } from 'react';
import type { PluginInfo } from '../../api/types.ts';
import { DisableDialog } from './disable-dialog.tsx';
import { EnableDialog } from './enable-dialog.tsx';
import { pluginState } from './plugin-words.ts';

interface PluginSwitchProps {
  readonly plugin: PluginInfo;
  readonly onChanged: (plugin: PluginInfo) => void;
  readonly onOutdated: () => void;
}

/** Enables and disables a plugin, each with a question before. */
export function PluginSwitch({ plugin, onChanged, onOutdated }: PluginSwitchProps) {
  const [asks, setAsks] = useState<'enable' | 'disable' | undefined>(undefined);
  const state = pluginState(plugin);
  const close = (): void => setAsks(undefined);
  // What is faulty or taken back cannot be enabled; whoever has it enabled can get rid of it.
  const canEnable = state === 'disabled' || state === 'needs_consent';
  return (
    <>
      {canEnable ? (
        <button type="button" className="button button-main" onClick={() => setAsks('enable')}>
          {state === 'needs_consent' ? 'Look at it and agree' : 'Enable'}
        </button>
      ) : null}
      {plugin.isEnabled ? (
        <button type="button" className="button" onClick={() => setAsks('disable')}>
          Disable
        </button>
      ) : null}
      {asks === 'enable' ? <EnableDialog plugin={plugin} onClose={close} onEnabled={onChanged} onOutdated={onOutdated} /> : null}
      {asks === 'disable' ? <DisableDialog plugin={plugin} onClose={close} onDisabled={onChanged} /> : null}
    </>
  );
}
