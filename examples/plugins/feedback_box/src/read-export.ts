import type { EmittedEvent, WebhookHandler } from '@tendril/plugin-api';

interface Answer {
  readonly id: string;
  readonly user: string;
  readonly score: number;
  readonly comment?: string;
}

/** One event for each answer. The manifest's schema has been checked, and so has who sent it. */
export const readExport: WebhookHandler = async ({ body }) => {
  const { answers } = body as unknown as { readonly answers: readonly Answer[] };
  return answers.map(({ id, user, score, comment }): EmittedEvent => ({
    name: 'Feedback Given',
    identities: { userId: user },
    properties: { score, ...(comment === undefined ? {} : { comment }) },
    discriminator: id,
  }));
};
