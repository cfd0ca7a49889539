import './plugins.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { PluginInfo } from '../../api/types.ts';
import { useReloadOn } from '../../live/live-context.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { ContributionNames, Contributions } from './contributions.tsx';
import { PermissionList } from './permission-list.tsx';
import { PluginCondition } from './plugin-condition.tsx';
import { PluginFacts } from './plugin-facts.tsx';
import { PluginPanels } from './plugin-panels.tsx';
import { PluginSettings } from './settings/plugin-settings.tsx';
import { PluginSwitch } from './plugin-switch.tsx';
import { pluginState } from './plugin-words.ts';
import { TitledPanel } from './titled-panel.tsx';

const REFRESH_MS = 15_000;

/** One plugin: what it does, what it may do, and everything that is set or asked of it. */
export function PluginScreen({ id }: { readonly id: string }) {
  const plugin = useResource(`plugin:${id}`, (signal) => api.plugin(id, signal), REFRESH_MS);
  useReloadOn('plugins', plugin.reload);
  const { value, replace, reload } = plugin;
  return (
    <>
      <PageHead title={value?.title ?? id} back={{ href: '/plugins', text: 'Plugins' }} lead={value?.description}>
        {value === undefined ? null : (
          <>
            <StateChip state={pluginState(value)} />
            <PluginSwitch plugin={value} onChanged={replace} onOutdated={reload} />
          </>
        )}
      </PageHead>
      <Loaded resource={plugin}>{(loaded) => <Parts plugin={loaded} onChanged={replace} />}</Loaded>
    </>
  );
}

function Parts({ plugin, onChanged }: { readonly plugin: PluginInfo; readonly onChanged: (plugin: PluginInfo) => void }) {
  // Of one that could not be loaded neither is known.
  const isFaulty = pluginState(plugin) === 'faulty';
  return (
    <div className="stack">
      <PluginCondition plugin={plugin} onChanged={onChanged} />
      <div className="columns">
        <div className="stack">
          {plugin.isEnabled ? <PluginPanels place="plugin" plugin={plugin.id} /> : null}
          {isFaulty ? null : (
            <TitledPanel title="What it may do">
              <div className="panel-body">
                <PermissionList sentences={plugin.permissionsInWords} />
              </div>
            </TitledPanel>
          )}
          {isFaulty ? null : <PluginSettings plugin={plugin} onSaved={onChanged} />}
          <Contributions plugin={plugin} />
        </div>
        <div className="stack">
          <PluginFacts plugin={plugin} />
          <ContributionNames plugin={plugin} />
        </div>
      </div>
    </div>
  );
}
