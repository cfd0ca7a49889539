import type { Principal } from '@tendril/engine';
import { defineRoute } from '../http/route.ts';
import type { Route, Router } from '../http/route.ts';
import { withInstants } from './instants.ts';
import { mapPage } from './pages.ts';
import type { PageQuery } from './pages.ts';

/** An approval's id is its run and the path of the step, with a slash between: here the two as they stand in the address. */
interface Waiting {
  readonly run: string;
  readonly path: string;
}

interface Decision {
  readonly by?: string;
  readonly comment?: string;
}

/** Who is said to have decided. A key speaks for people whom the hub does not know: it is named beside the name that it gives. */
function decider({ kind, keyId }: Principal, name: string | undefined): string {
  const asker = kind === 'session' ? 'dashboard' : `key ${keyId}`;
  return name === undefined ? asker : `${name} (${asker})`;
}

function decisionRoute(verb: 'approve' | 'reject', summary: string): Route {
  return defineRoute<{ path: Waiting; body: Decision }>({
    method: 'post',
    path: `/v1/approvals/{run}/{path}/${verb}`,
    summary,
    description:
      'The first decision counts, and the same one again changes nothing. NOT_FOUND when nobody is asked any more, CONFLICT when it has been decided otherwise.',
    access: ['pipelines'],
    body: 'ApprovalDecision',
    isBodyOptional: true,
    handle: ({ tenant, principal, path, body: { by, comment } }) =>
      tenant.runs.decide(`${path.run}/${path.path}`, {
        isApproved: verb === 'approve',
        by: decider(principal, by),
        ...(comment === undefined ? {} : { comment }),
      }),
  });
}

/** Steps that wait for a person's approval. */
export const approvalsRouter: Router = {
  tag: 'approvals',
  description: "Steps that wait for a person's approval.",
  routes: [
    defineRoute<{ query: PageQuery }>({
      method: 'get',
      path: '/v1/approvals',
      summary: 'Steps that wait, longest first',
      access: ['read'],
      query: 'PageQuery',
      answer: 'ApprovalPage',
      handle: async ({ tenant, query }) =>
        mapPage(await tenant.runs.approvals(query), (approval) => withInstants(approval, ['askedAt', 'until'])),
    }),
    decisionRoute('approve', 'Approves; the run goes on'),
    decisionRoute('reject', 'Rejects; the run does what it declares for that, or fails'),
  ],
};
