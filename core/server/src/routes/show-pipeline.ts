import type { PipelineInfo, Principal } from '@tendril/engine';
import { withInstants } from './instants.ts';

/** A pipeline as it goes over HTTP. Its address is shown to those who may change it: whoever knows it may call it. */
export function showPipeline(pipeline: PipelineInfo, { scopes }: Principal): object {
  const { webhookPath, ...shown } = withInstants(pipeline, ['deployedAt', 'nextAt']);
  const maySee = scopes.includes('pipelines') || scopes.includes('admin');
  return webhookPath === undefined || !maySee ? shown : { ...shown, webhookPath };
}
