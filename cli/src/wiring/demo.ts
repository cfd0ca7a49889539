import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TenantHub } from '@tendril/engine';
import type { JsonObject } from '@tendril/plugin-api';
import type { SandboxServices } from '@tendril/testkit/sandboxes';

/** What the demo's application is told. */
export interface DemoSettings {
  readonly url: string;
  readonly writeKey: string;
  readonly secretKey: string;
  readonly stateFile: string;
  readonly leadsPerSecond: number;
  readonly limit?: number;
}

/** Points the tenant's connections at the sandboxes, untested where no demo is going to use them: a test loads the vendor's library. For the demo also sets up its leads, template and pipeline. */
export async function prepareDemo(tenant: TenantHub, services: SandboxServices, isDemo: boolean): Promise<void> {
  for (const connection of sandboxConnections(services))
    await tenant.connections.add({ ...connection, isSandbox: true, shouldTest: isDemo });
  if (!isDemo) return;
  const folder = dirname(fileURLToPath(import.meta.resolve('@tendril/example-demo/package.json')));
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
  if ((await tenant.pipelines.get('qualify_lead')) !== undefined) return;
  await tenant.plugins.configure('leads', JSON.parse(read('settings/leads.json')) as JsonObject);
  await tenant.actions.call('email.put_template', JSON.parse(read('templates/term_deposit.json')) as JsonObject, {
    idempotencyKey: 'demo-template',
  });
  await tenant.pipelines.deploy(read('pipelines/qualify_lead.yaml'), { file: 'qualify_lead.yaml' });
}

function sandboxConnections({
  salesforce,
  hubspot,
  segment,
  smtp,
}: SandboxServices): readonly { readonly name: string; readonly plugin: string; readonly kind: string; readonly values: JsonObject }[] {
  const { loginUrl, instanceUrl, accessToken, clientId, clientSecret, refreshToken } = salesforce;
  return [
    {
      name: 'salesforce',
      plugin: 'salesforce',
      kind: 'oauth2',
      values: { loginUrl, instanceUrl, accessToken, clientId, clientSecret, refreshToken },
    },
    { name: 'hubspot', plugin: 'hubspot', kind: 'private_app', values: { accessToken: hubspot.accessToken, basePath: hubspot.basePath } },
    {
      name: 'segment',
      plugin: 'segment',
      kind: 'write_key',
      values: { writeKey: segment.writeKey, endpoint: segment.endpoint, settingsEndpoint: segment.settingsEndpoint },
    },
    {
      name: 'email',
      plugin: 'email',
      kind: 'smtp',
      values: { host: smtp.host, port: smtp.port, from: 'Tendril <hub@example.invalid>', sinkUrl: smtp.apiUrl },
    },
  ];
}

/** Starts the demo's application in a process of its own, which ends with this one. */
export function startDemo(settings: DemoSettings, report: (line: string) => void): { stop(): void } {
  const main = fileURLToPath(import.meta.resolve('@tendril/example-demo/main'));
  const child = spawn(process.execPath, [...process.execArgv, main], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, TENDRIL_DEMO: JSON.stringify(settings) },
  });
  child.on('message', (message: { readonly line?: string }) => {
    if (message.line !== undefined) report(message.line);
  });
  child.unref();
  child.channel?.unref();
  return {
    stop() {
      if (child.connected) child.disconnect();
    },
  };
}
