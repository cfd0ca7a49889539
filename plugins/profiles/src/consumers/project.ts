import type { ConsumerHandler } from '@tendril/plugin-api';
import { applyBatch } from '../apply-batch.ts';
import type { Settings } from '../gen/manifest.gen.ts';
import { reportLinks } from '../report-links.ts';

/**
 * Makes people out of events: who they are, what is known of them, when they were seen, in which segments they are. What it
 * does depends on the log alone, however that is cut into batches.
 */
export const project: ConsumerHandler<Settings> = async (events, call) => {
  const { graph, groups, segments } = await applyBatch(events, call);
  reportLinks(graph, call);
  segments.write();
  groups.write(graph);
  await graph.write();
};
