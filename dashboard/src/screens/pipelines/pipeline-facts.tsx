import type { PipelineInfo } from '../../api/types.ts';
import { Link } from '../../routing/link.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Moment } from '../../ui/moment.tsx';
import { text } from '../../ui/person-name.ts';
import { pipelineAddress } from './pipeline-address.ts';

/** What is to be known of a pipeline beside what it does. */
export function PipelineFacts({ pipeline }: { readonly pipeline: PipelineInfo }) {
  const { id, environment, version, deployedAt, nextAt, webhookPath, triggerError } = pipeline;
  const runs = new URLSearchParams({ pipeline: id, ...(environment === undefined ? {} : { environment }) });
  return (
    <aside className="panel panel-body pipeline-facts" aria-label="About this pipeline">
      <dl className="facts">
        <dt>Id</dt>
        <dd className="mono">{id}</dd>
        <dt>Version</dt>
        <dd>
          <Link href={pipelineAddress(id, environment, 'versions')}>{version}</Link>
          {environment === undefined ? null : <span className="faint"> in {environment}</span>}
        </dd>
        <dt>Deployed</dt>
        <dd>
          <Moment at={deployedAt} />
        </dd>
        {nextAt === undefined ? null : (
          <>
            <dt>Next time</dt>
            <dd>{pipeline.isPaused ? 'paused' : <Moment at={nextAt} />}</dd>
          </>
        )}
        <dt>Runs</dt>
        <dd>
          <Link href={`/runs?${runs.toString()}`}>Runs of this pipeline</Link>
        </dd>
      </dl>
      {webhookPath === undefined ? null : <WebhookAddress path={webhookPath} />}
      {triggerError === undefined ? null : (
        <p className="notice">
          The last poll failed: {text(triggerError['message']) || text(triggerError['code'])}
          {typeof triggerError['at'] === 'number' || typeof triggerError['at'] === 'string' ? (
            <>
              , <Moment at={triggerError['at']} />
            </>
          ) : null}
        </p>
      )}
    </aside>
  );
}

/** Where a webhook is received. Whoever knows it may call it. */
function WebhookAddress({ path }: { readonly path: string }) {
  const address = new URL(path, location.origin).href;
  return (
    <div className="stack-tight">
      <h3>Webhook address</h3>
      <p className="mono small wrap-anywhere">{address}</p>
      <CopyButton text={address} what="the webhook address" />
      <p className="field-hint">Whoever knows it may call it. Behind a proxy, put your public address in front of its path.</p>
    </div>
  );
}
