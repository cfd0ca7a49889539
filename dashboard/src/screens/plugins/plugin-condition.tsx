import type { ReactNode } from 'react';
import { api } from '../../api/client.ts';
import type { PluginInfo } from '../../api/types.ts';
import { Icon } from '../../ui/icon.tsx';
import { tellPlural } from '../../ui/number.ts';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { PermissionList } from './permission-list.tsx';
import { pluginState } from './plugin-words.ts';

interface PluginConditionProps {
  readonly plugin: PluginInfo;
  readonly onChanged: (plugin: PluginInfo) => void;
}

/** Why a plugin does not work, and what helps; nothing when it works or is simply disabled. */
export function PluginCondition({ plugin, onChanged }: PluginConditionProps) {
  const { id, version, health, consent } = plugin;
  switch (pluginState(plugin)) {
    case 'faulty':
      return (
        <Condition title="It could not be loaded" reason={health.reason}>
          {plugin.isFirstParty ? 'It is part of Tendril. This looks for the cause: ' : 'Install it again, or another version: '}
          <code>{plugin.isFirstParty ? 'tendril doctor' : `tendril plugins install ${id}`}</code>
        </Condition>
      );
    case 'revoked':
      return (
        <Condition title={`The registry has taken version ${version} back`} reason={health.reason}>
          It is not called. Take another version with <code>tendril plugins upgrade {id}</code>, or part with it:{' '}
          <code>tendril plugins remove {id}</code>
        </Condition>
      );
    case 'halted':
      return <Halted plugin={plugin} onChanged={onChanged} />;
    case 'needs_consent':
      return (
        <Condition
          isMild
          title={
            consent.hash === undefined ? 'Nobody has agreed yet to what it may do' : `Version ${version} asks for more than was agreed to`
          }
        >
          {(consent.added ?? []).length === 0 ? null : <PermissionList sentences={consent.added ?? []} />}
          It is not called until somebody looks at what it may do now, and agrees.
        </Condition>
      );
    default:
      return null;
  }
}

function Halted({ plugin, onChanged }: PluginConditionProps) {
  const task = useTask();
  return (
    <Condition title="It was stopped because it failed too often" reason={plugin.health.reason}>
      {plugin.health.incidents === 0 ? '' : `${tellPlural(plugin.health.incidents, 'incident')} not long ago. `}
      It is not called until it is resumed. If it fails again, it is stopped again.
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
      <span className="row">
        <button
          type="button"
          className="button"
          disabled={task.isBusy}
          onClick={() => void task.run(async () => onChanged(await api.resumePlugin(plugin.id)))}
        >
          <Icon name="play" />
          {task.isBusy ? 'One moment…' : 'Resume'}
        </button>
      </span>
    </Condition>
  );
}

interface ConditionProps {
  readonly title: string;
  readonly reason?: string | undefined;
  readonly isMild?: boolean;
  readonly children: ReactNode;
}

function Condition({ title, reason, isMild = false, children }: ConditionProps) {
  return (
    <section className={isMild ? 'problem problem-mild' : 'problem'} aria-label={title}>
      <p className="problem-title">
        <Icon name="alert" />
        {title}
      </p>
      {reason === undefined ? null : <p className="wrap-anywhere">{reason}</p>}
      <div className="small stack-tight">
        <div>{children}</div>
      </div>
    </section>
  );
}
