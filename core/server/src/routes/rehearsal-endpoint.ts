import type { Request, Response } from 'express';
import type { EnvironmentName } from '@tendril/engine';
import type { JsonObject } from '@tendril/plugin-api';
import type { RouteRequest } from '../http/route.ts';
import { toProblem } from '../http/problem.ts';
import { readMeant } from './meant-pipeline.ts';
import type { MeantPipeline } from './meant-pipeline.ts';
import { showRehearsal } from './show-answers.ts';
import { sightOf } from './sight.ts';

/** Answers requests to rehearse. */
export interface RehearsalEndpoint {
  answer(req: Request, res: Response, request: RouteRequest<unknown, unknown, unknown>): Promise<void>;
}

interface Asked extends MeantPipeline {
  readonly lastMs: number;
  readonly settings?: JsonObject;
  readonly environment?: EnvironmentName;
  readonly limit?: number;
}

// A bar that moves needs no more.
const PROGRESS_EVERY_MS = 200;
const EVENT_STREAM = 'text/event-stream';

/** Makes the endpoint. @param now milliseconds that only grow */
export function createRehearsalEndpoint(
  onFault: (failure: unknown, requestId: string) => void,
  now: () => number = () => performance.now(),
): RehearsalEndpoint {
  async function rehearse(
    { tenant, principal, body }: RouteRequest<unknown, unknown, unknown>,
    signal: AbortSignal,
    onProgress?: (done: number, all: number) => void,
  ): Promise<object> {
    // The schema of the route has let it through.
    const { source, id, ...options } = body as Asked;
    const answer = await tenant.ask.rehearse(readMeant({ source, id }), {
      ...options,
      ...sightOf(principal),
      signal,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    return 'rehearsal' in answer ? { rehearsal: showRehearsal(answer.rehearsal) } : answer;
  }

  async function stream(res: Response, request: RouteRequest<unknown, unknown, unknown>, signal: AbortSignal): Promise<void> {
    const send = (event: string, data: object): void => void res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    let toldAt = -Infinity;
    res.writeHead(200, { 'content-type': EVENT_STREAM, 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    res.flushHeaders();
    try {
      const result = await rehearse(request, signal, (done, all) => {
        if (now() - toldAt < PROGRESS_EVERY_MS || res.writableNeedDrain) return;
        toldAt = now();
        send('progress', { done, all });
      });
      send('result', result);
    } catch (failure) {
      const problem = toProblem(failure, request.requestId);
      if (problem.status >= 500 && !signal.aborted) onFault(failure, request.requestId);
      send('problem', problem);
    }
    res.end();
  }

  return {
    async answer(req, res, request) {
      const gone = new AbortController();
      res.on('close', () => gone.abort());
      if (req.accepts(['application/json', EVENT_STREAM]) === EVENT_STREAM) {
        await stream(res, request, gone.signal);
        return;
      }
      try {
        res.status(200).json(await rehearse(request, gone.signal));
      } catch (failure) {
        if (!gone.signal.aborted) throw failure;
      }
    },
  };
}
