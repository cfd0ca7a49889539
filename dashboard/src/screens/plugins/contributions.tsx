import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { ChannelInfo, PluginInfo } from '../../api/types.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { TitledPanel } from './titled-panel.tsx';
import { PluginAgents } from './plugin-agents.tsx';
import { PluginWebhooks } from './plugin-webhooks.tsx';
import { ReadyPipelines } from './ready-pipelines.tsx';

/** Kinds that are named only, in the order in which people look for them. */
const NAMED: readonly { readonly kind: string; readonly title: string }[] = [
  { kind: 'actions', title: 'Actions' },
  { kind: 'triggers', title: 'Triggers' },
  { kind: 'events', title: 'Events that it describes' },
  { kind: 'schedules', title: 'Runs by the clock' },
  { kind: 'consumers', title: 'Follows the log' },
  { kind: 'drivers', title: 'Drivers' },
  { kind: 'routes', title: 'Routes' },
  { kind: 'tables', title: 'Tables' },
];

/** What an enabled plugin brings that has more to it than a name. */
export function Contributions({ plugin }: { readonly plugin: PluginInfo }) {
  const brings = (kind: string): boolean => plugin.isEnabled && (plugin.contributes[kind]?.length ?? 0) > 0;
  return (
    <>
      {brings('agents') ? <PluginAgents id={plugin.id} /> : null}
      {brings('webhooks') ? <PluginWebhooks id={plugin.id} /> : null}
      {brings('pipelines') ? <ReadyPipelines id={plugin.id} /> : null}
      {brings('channels') ? <Channels id={plugin.id} /> : null}
    </>
  );
}

/** What it brings by name: of one that is not enabled nothing more is known. */
export function ContributionNames({ plugin: { id, contributes, isEnabled } }: { readonly plugin: PluginInfo }) {
  const others = isEnabled
    ? []
    : ['agents', 'webhooks', 'pipelines', 'channels', 'panels'].map((kind) => ({ kind, title: TITLES[kind] ?? kind }));
  const shown = [...NAMED, ...others].flatMap(({ kind, title }) => {
    const names = contributes[kind] ?? [];
    return names.length === 0 ? [] : [{ kind, title, names }];
  });
  if (shown.length === 0) return null;
  return (
    <TitledPanel title="What it brings">
      <dl className="facts panel-body">
        {shown.map(({ kind, title, names }) => (
          <Names
            key={kind}
            title={title}
            names={kind === 'actions' || kind === 'triggers' ? names.map((name) => `${id}.${name}`) : names}
          />
        ))}
      </dl>
    </TitledPanel>
  );
}

const TITLES: Readonly<Record<string, string>> = {
  agents: 'Agents',
  webhooks: 'Webhooks',
  pipelines: 'Ready-made pipelines',
  channels: 'Channels',
  panels: 'Panels',
};

function Names({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  return (
    <>
      <dt>{title}</dt>
      <dd className="plugin-chips">
        {names.map((name) => (
          <code key={name} className="chip">
            {name}
          </code>
        ))}
      </dd>
    </>
  );
}

function Channels({ id }: { readonly id: string }) {
  const channels = useResource('channels', (signal) => api.channels(signal));
  return (
    <TitledPanel title="Channels">
      <Loaded resource={channels} skeletonLines={2}>
        {(items) => (
          <ul>
            {items
              .filter(({ plugin }) => plugin === id)
              .map((channel) => (
                <Channel key={channel.name} channel={channel} />
              ))}
          </ul>
        )}
      </Loaded>
    </TitledPanel>
  );
}

const WAYS_OUT = { link: 'a link in each message', reply: 'a reply', platform: 'the platform itself' } as const;

function Channel({ channel }: { readonly channel: ChannelInfo }) {
  return (
    <li className="plugin-item">
      <h3 className="plugin-item-name">
        {channel.title} <span className="faint mono">{channel.name}</span>
      </h3>
      <p className="small soft wrap-anywhere">
        Reaches people at <code>{channel.address}</code> with <code>{channel.action}</code>. They get out by {WAYS_OUT[channel.unsubscribe]}
        . {channel.quietHours ? 'Quiet hours hold.' : 'Quiet hours do not hold.'}
      </p>
    </li>
  );
}
