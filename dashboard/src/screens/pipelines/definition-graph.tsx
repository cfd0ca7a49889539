import './graph.css';
import { toApiProblem } from '../../api/api-problem.ts';
import { useResource } from '../../api/use-resource.ts';
import type { JsonObject, PipelineInfo } from '../../api/types.ts';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { readDefinition } from './read-definition.ts';
import type { DrawnDefinition } from './read-definition.ts';
import { tellErrorHandlers, tellStep } from './step-words.ts';
import type { DrawnBranch } from './step-words.ts';
import { Trigger } from './trigger.tsx';

/** A pipeline as a drawing: from the trigger down, branches side by side, what happens on a failure beside the step. */
export function DefinitionGraph({ pipeline }: { readonly pipeline: PipelineInfo }) {
  const { id, version, source } = pipeline;
  const definition = useResource(`definition:${id}@${String(version)}:${String(source.length)}`, () => readDefinition(source));
  const isUnreadable = definition.problem !== undefined && toApiProblem(definition.problem).status === 0;
  return (
    <section className="panel graph" aria-labelledby="graph-title">
      <div className="panel-head">
        <h2 id="graph-title">What it does</h2>
      </div>
      {isUnreadable ? (
        <Empty icon="alert" title="This file cannot be drawn">
          The source beside it says what the pipeline does.
        </Empty>
      ) : (
        <Loaded resource={definition}>{(drawn) => <Drawing pipeline={pipeline} drawn={drawn} />}</Loaded>
      )}
    </section>
  );
}

function Drawing({ pipeline, drawn }: { readonly pipeline: PipelineInfo; readonly drawn: DrawnDefinition }) {
  return (
    <div className="graph-body">
      <div className="node node-trigger">
        <p className="node-title">
          <Icon name="events" />
          <Trigger trigger={pipeline.trigger} />
        </p>
        {drawn.limits.length === 0 ? null : (
          <ul className="node-limits">
            {drawn.limits.map(({ name, value }) => (
              <li key={name}>
                <b>{name}</b> <span className="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <StepList steps={drawn.steps} label="Steps" />
      <Branches branches={tellErrorHandlers(drawn.onError).map((handler) => ({ ...handler, name: 'When the run fails' }))} />
    </div>
  );
}

function StepList({ steps, label }: { readonly steps: readonly JsonObject[]; readonly label: string }) {
  return (
    <ol className="graph-steps" aria-label={label}>
      {steps.map((step, index) => (
        // Steps of a file have no other name than their place.
        <li key={index}>
          <StepNode step={step} />
        </li>
      ))}
    </ol>
  );
}

function StepNode({ step }: { readonly step: JsonObject }) {
  const { icon, title, code, notes, branches } = tellStep(step);
  const id = step['id'];
  return (
    <>
      <div className="node">
        <p className="node-title">
          <Icon name={icon} />
          <span className="wrap-anywhere">{title}</span>
          {typeof id === 'string' ? <span className="node-id">{id}</span> : null}
        </p>
        {code === '' ? null : <code className="node-code">{code}</code>}
        {notes.length === 0 ? null : <p className="node-notes">{notes.join(' · ')}</p>}
      </div>
      <Branches branches={branches} />
    </>
  );
}

function Branches({ branches }: { readonly branches: readonly DrawnBranch[] }) {
  if (branches.length === 0) return null;
  const beside = branches.filter(({ kind }) => kind === 'branch');
  const below = branches.filter(({ kind }) => kind !== 'branch');
  return (
    <>
      {beside.length === 0 ? null : (
        <div className="graph-branches">
          {beside.map((branch) => (
            <Branch key={branch.name} branch={branch} />
          ))}
        </div>
      )}
      {below.map((branch) => (
        <Branch key={branch.kind + branch.name} branch={branch} />
      ))}
    </>
  );
}

function Branch({ branch: { name, kind, steps } }: { readonly branch: DrawnBranch }) {
  return (
    <div className={`graph-branch graph-${kind}`}>
      <p className="graph-branch-name">
        {kind === 'loop' ? <Icon name="repeat" isSmall /> : null}
        {kind === 'handler' ? <Icon name="alert" isSmall /> : null}
        {kind === 'undo' ? <Icon name="undo" isSmall /> : null}
        {name}
      </p>
      <StepList steps={steps} label={name} />
    </div>
  );
}
