import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { createHttpService } from './http-service.ts';
import { createHubSpot, hubSpotCredentials } from './hubspot/hubspot-vendor.ts';
import { openLedgerFile } from './ledger.ts';
import { createMailApi } from './mail/mail-api.ts';
import { createMailSink } from './mail/mail-sink.ts';
import { salesforceCredentials } from './salesforce/salesforce-oauth.ts';
import { createSalesforce } from './salesforce/salesforce-vendor.ts';
import { readSandboxesFile, SANDBOXES_FILE } from './sandboxes-file.ts';
import type { SandboxesFile, SandboxPorts, SandboxServices } from './sandboxes-file.ts';
import { createSegment, segmentWriteKey } from './segment/segment-vendor.ts';

/** Running sandboxes. */
export interface Sandboxes {
  readonly services: SandboxServices;
  readonly ports: SandboxPorts;
  /** Stops listening. State stays in the folder. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const ANY_PORTS: SandboxPorts = { salesforce: 0, hubspot: 0, segment: 0, smtp: 0, mailApi: 0 };

async function listen(server: NetServer, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/** The port that it got: the wanted one unless somebody else took it while the sandboxes were down. */
async function listenPreferring(server: NetServer, port: number): Promise<number> {
  try {
    return await listen(server, port);
  } catch (error) {
    if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return listen(server, 0);
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function writeFile(folder: string, content: SandboxesFile): void {
  writeFileSync(join(folder, `${SANDBOXES_FILE}.new`), `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(join(folder, `${SANDBOXES_FILE}.new`), join(folder, SANDBOXES_FILE));
}

/**
 * Starts the sandboxes of Salesforce, HubSpot, Segment and the mail sink on 127.0.0.1. All state is in `sandboxes.db` and
 * `mails/` of the folder and survives a restart; the ports are those of the last start unless told. Writes
 * `sandboxes.json`, readable by the owner only, when everything listens.
 */
export async function startSandboxes(options: {
  readonly folder: string;
  readonly ports?: Partial<SandboxPorts>;
  readonly now?: () => number;
}): Promise<Sandboxes> {
  const { folder, now = Date.now } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const wanted = { ...ANY_PORTS, ...readSandboxesFile(folder)?.ports, ...options.ports };
  const file = openLedgerFile(join(folder, 'sandboxes.db'));
  let origin = '';
  const salesforce = createSalesforce(file.of('salesforce'), () => origin);
  const hubspot = createHubSpot(file.of('hubspot'));
  const sink = createMailSink(file.of('smtp'), folder, now);
  const servers = {
    salesforce: createHttpService(salesforce, file.of('salesforce'), now),
    hubspot: createHttpService(hubspot, file.of('hubspot'), now),
    segment: createHttpService(createSegment(file.of('segment')), file.of('segment'), now),
    mailApi: createMailApi(file.of('smtp'), now),
  };
  const ports: SandboxPorts = {
    salesforce: await listenPreferring(servers.salesforce, wanted.salesforce),
    hubspot: await listenPreferring(servers.hubspot, wanted.hubspot),
    segment: await listenPreferring(servers.segment, wanted.segment),
    smtp: await listenPreferring(sink.server, wanted.smtp),
    mailApi: await listenPreferring(servers.mailApi, wanted.mailApi),
  };
  const url = (port: number): string => `http://${HOST}:${port}`;
  origin = url(ports.salesforce);
  const segmentUrl = url(ports.segment);
  const services: SandboxServices = {
    salesforce: {
      url: origin,
      loginUrl: origin,
      instanceUrl: origin,
      ...salesforceCredentials(file.of('salesforce')),
      accessToken: salesforce.issueToken(now()),
    },
    hubspot: {
      url: url(ports.hubspot),
      basePath: url(ports.hubspot),
      ...hubSpotCredentials(file.of('hubspot')),
      oauth: { accessToken: hubspot.issueToken(now()) },
    },
    segment: { url: segmentUrl, endpoint: segmentUrl, settingsEndpoint: segmentUrl, writeKey: segmentWriteKey(file.of('segment')) },
    smtp: { host: HOST, port: ports.smtp, apiUrl: url(ports.mailApi) },
  };
  writeFile(folder, { pid: process.pid, ports, services });
  return {
    services,
    ports,
    async close() {
      await Promise.all([...Object.values(servers).map(closeServer), new Promise<void>((resolve) => sink.close(() => resolve()))]);
      file.close();
    },
  };
}
