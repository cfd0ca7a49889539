import { useState } from 'react';
import './leads.css';
import { leadsApi } from '../../api/customers/leads.ts';
import type { LeadModel, LeadStage } from '../../api/customers/leads.ts';
import { useResource } from '../../api/use-resource.ts';
import { Link } from '../../routing/link.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellCount, tellPlural, tellShare } from '../../ui/number.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Sentence } from '../../ui/sentence.tsx';
import { useTask } from '../../ui/use-task.ts';
import { LeadTabs } from './lead-tabs.tsx';

/** By what leads are judged: stages with their conditions, who works on them, and models with their measures. */
export function QualificationScreen() {
  const stages = useResource('lead-stages', (signal) => leadsApi.stages(signal));
  return (
    <>
      <PageHead
        title="Rules and models"
        lead="By what leads are qualified, given to people and scored. Rules stand in the settings of the plugin."
      >
        <Link href="/plugins/leads" className="button">
          Change the rules
        </Link>
      </PageHead>
      <LeadTabs current="/qualification" />
      <div className="stack">
        <section className="panel" aria-labelledby="rules-title">
          <div className="panel-head">
            <h2 id="rules-title">Stages of qualification</h2>
          </div>
          <Loaded resource={stages} skeletonLines={3}>
            {(items) => (items.length === 0 ? <NoStage /> : <Stages stages={items} />)}
          </Loaded>
        </section>
        <Owners />
        <Models />
      </div>
    </>
  );
}

function NoStage() {
  return (
    <Empty icon="leads" title="No stage yet">
      A stage, such as MQL or SQL, is a name with conditions. Write them in the settings of the plugin Leads; leads then enter and leave by
      themselves, each time with the reason.
    </Empty>
  );
}

function Stages({ stages }: { readonly stages: readonly LeadStage[] }) {
  return (
    <ol className="stage-list">
      {stages.map((stage) => (
        <li key={stage.name}>
          <div className="row-between">
            <b>{stage.title || stage.name}</b>
            <Link href={`/leads?stage=${encodeURIComponent(stage.name)}`} className="small">
              {tellPlural(stage.leads, 'lead')}
            </Link>
          </div>
          {stage.conditions.map((condition) => (
            <code key={condition} className="wrap-anywhere">
              {condition}
            </code>
          ))}
          {stage.problems.map((problem) => (
            <p key={problem} className="field-fault">
              <Icon name="alert" isSmall />
              <span>
                <Sentence text={problem} />
              </span>
            </p>
          ))}
        </li>
      ))}
    </ol>
  );
}

function Owners() {
  const owners = useResource('lead-owners', (signal) => leadsApi.owners(signal));
  const items = owners.value?.owners ?? [];
  if (items.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="owners-title">
      <div className="panel-head">
        <h2 id="owners-title">Who works on leads</h2>
        <span className="small soft">{tellPlural(owners.value?.unassigned ?? 0, 'open lead')} of nobody</span>
      </div>
      <div className="table-scroll" tabIndex={0} role="region" aria-label="Owners with their leads">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className="end">
                Open leads
              </th>
              <th scope="col" className="end">
                Today
              </th>
              <th scope="col">Takes more</th>
            </tr>
          </thead>
          <tbody>
            {items.map((owner) => (
              <tr key={owner.id}>
                <td>
                  <Link href={`/leads?owner=${encodeURIComponent(owner.id)}`}>{owner.name}</Link>
                </td>
                <td className="end number">{tellCount(owner.openLeads)}</td>
                <td className="end number">{tellCount(owner.assignedToday)}</td>
                <td className="soft">{owner.problem ?? (owner.isAway ? 'away' : owner.hasRoom ? 'yes' : 'full')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Models() {
  const models = useResource('lead-models', (signal) => leadsApi.models(signal));
  const [activating, setActivating] = useState<LeadModel | undefined>(undefined);
  const [said, setSaid] = useState('');
  const task = useTask();
  function train(): void {
    void task.run(async () => {
      const model = await leadsApi.train();
      setSaid(
        model.isActive
          ? `Version ${String(model.version)} scores from now on.`
          : `Version ${String(model.version)} is kept, and does not score: it is no better than what there is.`,
      );
      models.reload();
    });
  }
  return (
    <section className="panel" aria-labelledby="models-title">
      <div className="panel-head">
        <h2 id="models-title">Models</h2>
        <span className="row">
          <span className="small soft" role="status">
            {said}
          </span>
          <button type="button" className="button" disabled={task.isBusy} onClick={train}>
            {task.isBusy ? 'Training…' : 'Train anew'}
          </button>
        </span>
      </div>
      {task.problem === undefined ? null : (
        <div className="panel-body">
          <Problem problem={task.problem} />
        </div>
      )}
      <Loaded resource={models} skeletonLines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="overview" title="No model yet">
              A model learns from outcomes: events that say who bought and who did not. With enough of them, train one here.
            </Empty>
          ) : (
            <ModelTable items={items} onActivate={setActivating} />
          )
        }
      </Loaded>
      {activating === undefined ? null : (
        <Confirm
          title={`Score with version ${String(activating.version)}?`}
          action="Score with it"
          onClose={() => setActivating(undefined)}
          onConfirm={async () => {
            await leadsApi.activate(activating.version);
            models.reload();
          }}
        >
          <p>Leads are scored with it from now on. The way back is the same.</p>
        </Confirm>
      )}
    </section>
  );
}

function ModelTable({ items, onActivate }: { readonly items: readonly LeadModel[]; readonly onActivate: (model: LeadModel) => void }) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Models with their measures">
      <table className="table model-table">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col" className="end">
              Outcomes
            </th>
            <th scope="col" className="end">
              <abbr title="How often a good outcome stands above a bad one; 0.5 is chance">AUC</abbr>
            </th>
            <th scope="col" className="end">
              <abbr title="Mean distance of what was said and what came true">Calibration error</abbr>
            </th>
            <th scope="col" className="end">
              <abbr title="How many times more good outcomes the best tenth has than all">Best tenth</abbr>
            </th>
            <th scope="col" className="end">
              Good ones
            </th>
            <th scope="col">Trained</th>
            <th scope="col">
              <span className="visually-hidden">Use</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((model) => {
            const held = model.splits?.find(({ split }) => split === 'held_out');
            return (
              <tr key={model.version}>
                <td>
                  {model.version} {model.isActive ? <span className="chip chip-good">scores</span> : null}
                </td>
                <td className="end number">{tellCount(model.examples)}</td>
                <td className="end number">{(held?.auc ?? model.metrics.auc).toFixed(3)}</td>
                <td className="end number">{(held?.ece ?? model.metrics.ece).toFixed(3)}</td>
                <td className="end number">{held === undefined ? '' : `${held.liftAtTenth.toFixed(1)}×`}</td>
                <td className="end number">{tellShare(model.metrics.heldOutRate)}</td>
                <td className="soft">
                  <Moment at={model.createdAt} />
                </td>
                <td className="end">
                  {model.isActive ? null : (
                    <button type="button" className="button" onClick={() => onActivate(model)}>
                      Use<span className="visually-hidden"> version {model.version}</span>
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
