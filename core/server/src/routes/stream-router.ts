import type { Request } from 'express';
import type { Router } from '../http/route.ts';
import type { Streams } from '../stream/streams.ts';

/** News as they happen. @param isStillIn whether the key or session of a stream is still good */
export function createStreamRouter(streams: Streams, isStillIn: (req: Request) => Promise<boolean>): Router {
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
          '`changed` with `{topics}` (tags of this document whose contents were changed through the API, and `approvals` and `broadcasts` when their runs ' +
          'move). Fewer than 20 messages a second.',
        access: ['read'],
        answerType: 'text/event-stream',
        write(req, res, request) {
          if (request !== undefined) streams.open(res, request, () => isStillIn(req));
        },
      },
    ],
  };
}
