import type { TakenIn } from '@tendril/plugin-api';
import type { App, IngestService } from './hub.ts';
import type { BroughtCalls } from './plugins/index.ts';

/** Takes in what a plugin brings, as from an app of its own name. */
export async function takeInBrought(
  ingest: IngestService,
  { plugin, calls, isTest, isImport, requestId }: BroughtCalls,
  receivedAt: number,
): Promise<readonly TakenIn[]> {
  const app: App = {
    id: `_${plugin}`,
    name: plugin,
    isTest,
    environment: isTest ? 'development' : 'production',
    origins: [],
    createdAt: 0,
  };
  return ingest.accept(app, calls, { receivedAt, requestId, isImport });
}
