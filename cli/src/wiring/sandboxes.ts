import type { JsonObject } from '@tendril/plugin-api';
import type { SandboxEffect, SandboxMail, SandboxMailDetail, SandboxView } from '@tendril/server';
import type { SandboxesFile } from '@tendril/testkit/sandboxes';

const SERVICES = ['salesforce', 'hubspot', 'segment'] as const;

interface ListedMail {
  readonly id: string;
  readonly at: number;
  readonly from: string;
  readonly to: string | readonly string[];
  readonly subject: string;
}

interface ListedEffect {
  readonly id: number;
  readonly at: number;
  readonly key: string;
  readonly kind: string;
  readonly objectType: string;
  readonly fields: JsonObject;
}

/** What arrived at the sandboxes, asked over their own HTTP APIs. */
export function createSandboxView(file: SandboxesFile): SandboxView {
  const { smtp, ...vendors } = file.services;
  return {
    services: async () => SERVICES,
    counts: () =>
      Promise.all(
        [...SERVICES.map((service) => [service, vendors[service].url] as const), ['smtp', smtp.apiUrl] as const].map(
          async ([service, url]) => {
            const { requests, effects, keys } = await ask<{ requests: number; effects: number; keys: number }>(`${url}/_sandbox/status`);
            return { service, requests, effects, keys };
          },
        ),
      ),
    async mails() {
      const { items } = await ask<{ items: readonly ListedMail[] }>(`${smtp.apiUrl}/mails?limit=200`);
      return items.map(toMail);
    },
    async mail(id) {
      const response = await fetch(`${smtp.apiUrl}/mails/${encodeURIComponent(id)}`);
      if (response.status === 404) return undefined;
      const mail = (await response.json()) as ListedMail & Omit<SandboxMailDetail, keyof SandboxMail>;
      return {
        ...toMail(mail),
        headers: mail.headers,
        ...(mail.text === undefined ? {} : { text: mail.text }),
        ...(mail.html === undefined ? {} : { html: mail.html }),
      };
    },
    async effects(service) {
      const known = SERVICES.find((each) => each === service);
      if (known === undefined) return [];
      const { url } = vendors[known];
      const { items } = await ask<{ items: readonly ListedEffect[] }>(`${url}/_sandbox/effects?limit=200`);
      return items.map((effect): SandboxEffect => ({
        id: String(effect.id),
        service,
        kind: `${effect.objectType}.${effect.kind}`,
        at: effect.at,
        key: effect.key,
        value: effect.fields,
      }));
    },
  };
}

function toMail({ id, at, from, to, subject }: ListedMail): SandboxMail {
  return { id, receivedAt: at, from, to: typeof to === 'string' ? [to] : to, subject };
}

async function ask<Answer>(url: string): Promise<Answer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  return (await response.json()) as Answer;
}
