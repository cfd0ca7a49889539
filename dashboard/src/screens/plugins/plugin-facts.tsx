import type { PluginBreakingChange, PluginInfo } from '../../api/types.ts';
import { tellPlural } from '../../ui/number.ts';
import { tellSource, tellWhereItRuns } from './plugin-words.ts';
import { TitledPanel } from './titled-panel.tsx';

/** What it is, where it runs and comes from, and what its versions change. */
export function PluginFacts({ plugin }: { readonly plugin: PluginInfo }) {
  const source = tellSource(plugin);
  const { health, breakingChanges } = plugin;
  return (
    <TitledPanel title="About it">
      <dl className="facts panel-body">
        <dt>Id</dt>
        <dd className="mono">{plugin.id}</dd>
        <dt>Version</dt>
        <dd className="number">{plugin.version}</dd>
        <dt>Runs</dt>
        <dd>{tellWhereItRuns(plugin)}</dd>
        {source === undefined ? null : (
          <>
            <dt>Installed from</dt>
            <dd>{source}</dd>
          </>
        )}
        {health.state !== 'ok' || health.incidents === 0 ? null : (
          <>
            <dt>Incidents</dt>
            <dd>{tellPlural(health.incidents, 'incident')} not long ago. After too many it is stopped.</dd>
          </>
        )}
        {breakingChanges.length === 0 ? null : (
          <>
            <dt>Changed</dt>
            <dd>
              <ul className="stack-tight">
                {breakingChanges.map((change) => (
                  <Change key={`${change.version} ${change.change}`} change={change} />
                ))}
              </ul>
            </dd>
          </>
        )}
      </dl>
    </TitledPanel>
  );
}

function Change({ change: { version, change, guide, by } }: { readonly change: PluginBreakingChange }) {
  return (
    <li>
      <strong>{version}</strong>: {change}. <span className="soft">{guide}</span>{' '}
      <span className="faint">The old way works until {by}.</span>
    </li>
  );
}
