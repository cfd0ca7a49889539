import type { HooksEndpoint } from '../hooks/hooks-endpoint.ts';
import { HOOKS_PATH } from '../hooks/hooks-endpoint.ts';
import type { Router } from '../http/route.ts';

/** The addresses of pipelines, as the document of the API shows them; the endpoint answers before any of it is reached. */
export function createHooksRouter(endpoint: HooksEndpoint): Router {
  return {
    tag: 'hooks',
    description:
      'Addresses of pipelines that a webhook or a source of a plugin starts. The path is a secret of its own; `GET /v1/pipelines/{id}` shows it.',
    routes: [
      {
        method: 'post',
        path: HOOKS_PATH,
        summary: 'Hands a delivery to a pipeline',
        description:
          'JSON, a form or text of 256 KB at most. What is taken is on disk before the answer: 202 with the id of its run, or 200 with the output of ' +
          'the run where the trigger says `answer: result` and the run ends in time. A repeated delivery is answered as the first and starts nothing. ' +
          '401 when the sender has not proven who it is, 422 when the body does not match the schema of the trigger.',
        access: 'public',
        answer: 'HookAnswer',
        otherStatus: 202,
        write: (req, res) => void endpoint.take(req, res),
      },
    ],
  };
}
