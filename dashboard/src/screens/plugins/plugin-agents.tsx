import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { AgentInfo } from '../../api/types.ts';
import { useReloadOn } from '../../live/live-context.ts';
import { tellDuration } from '../../ui/instant.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellFigure, tellPlural } from '../../ui/number.ts';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { TitledPanel } from './titled-panel.tsx';

const REFRESH_MS = 15_000;

/** The agents of a plugin, each with what it may still do today. */
export function PluginAgents({ id }: { readonly id: string }) {
  const agents = useResource('agents', (signal) => api.agents(signal), REFRESH_MS);
  useReloadOn('agents', agents.reload);
  return (
    <TitledPanel title="Agents">
      <Loaded resource={agents} skeletonLines={2}>
        {(items) => (
          <ul>
            {items
              .filter(({ plugin }) => plugin === id)
              .map((agent) => (
                <Agent key={agent.name} agent={agent} onTicked={agents.reload} />
              ))}
          </ul>
        )}
      </Loaded>
    </TitledPanel>
  );
}

function Agent({ agent, onTicked }: { readonly agent: AgentInfo; readonly onTicked: () => void }) {
  const task = useTask();
  const [said, setSaid] = useState('');
  async function tick(): Promise<void> {
    setSaid('');
    await task.run(async () => {
      await api.tickAgent(agent.name);
      setSaid('Its next tick is due now.');
      onTicked();
    });
  }
  return (
    <li className="plugin-item">
      <div className="row-between">
        <h3 className="plugin-item-name">{agent.title}</h3>
        <span className="row">
          <span className="small soft" role="status">
            {said}
          </span>
          <button
            type="button"
            className="button"
            disabled={task.isBusy}
            onClick={() => void tick()}
            aria-label={`Tick now: ${agent.title}`}
          >
            Tick now
          </button>
        </span>
      </div>
      <p className="small soft">{agent.role}</p>
      <dl className="facts">
        <dt>Ticks</dt>
        <dd>
          every {tellDuration(agent.everyMs).replace(/ 0 (min|s)$/, '')}, last <Moment at={agent.lastTickAt} />
        </dd>
        <dt>Left today</dt>
        <dd>{tellRemaining(agent.remaining)}</dd>
        <dt>May call</dt>
        <dd className="plugin-chips">
          {agent.actions.map((action) => (
            <code key={action} className="chip">
              {action}
              {agent.approval.includes(action) ? ', if approved' : ''}
            </code>
          ))}
        </dd>
      </dl>
      {task.problem === undefined ? null : <Problem problem={task.problem} />}
    </li>
  );
}

function tellRemaining({ sends, spendCents, calls }: AgentInfo['remaining']): string {
  const parts = [
    sends === undefined ? '' : tellPlural(sends, 'message'),
    spendCents === undefined ? '' : `${tellFigure(spendCents)} cents to spend`,
    calls === undefined ? '' : `${tellPlural(calls, 'call')} that change something`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'not bounded' : parts.join(', ');
}
