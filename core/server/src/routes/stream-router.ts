import type { Router } from '../http/route.ts';
import type { Streams } from '../stream/streams.ts';

/** News as they happen. */
export function createStreamRouter(streams: Streams): Router {
  return {
    tag: 'stream',
    description: 'News as they happen, for pages that move.',
    routes: [
      {
        method: 'get',
        path: '/v1/stream',
        summary: 'Server-sent events of new events, runs and changes',
        description:
          'Messages: `events` and `runs` with `{count, items}` (everything since the last message is counted, the newest 20 are in `items`), ' +
          '`overview` as /v1/overview answers it, once a second while there is news, ' +
          '`changed` with `{topics}` (tags of this document whose contents were changed through the API). Fewer than 20 messages a second.',
        access: ['read'],
        answerType: 'text/event-stream',
        write(_req, res, request) {
          if (request !== undefined) streams.open(res, request);
        },
      },
    ],
  };
}
