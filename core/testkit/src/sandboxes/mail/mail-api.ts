import type { Server } from 'node:http';
import { createFaults } from '../faults.ts';
import { answerAdmin, createSandboxServer, readPage } from '../http-service.ts';
import type { SandboxAnswer, SandboxRequest } from '../http-service.ts';
import type { Ledger, StoredRecord } from '../ledger.ts';

const SUMMARY = ['id', 'messageId', 'from', 'to', 'subject', 'at', 'sizeBytes'];
const NOT_FOUND: SandboxAnswer = { status: 404, body: { message: 'There is no such mail.' } };

function summarize(record: StoredRecord): object {
  return Object.fromEntries(SUMMARY.map((name) => [name, record.fields[name]]));
}

function listMails(ledger: Ledger, url: URL): SandboxAnswer {
  const { limit } = readPage(url);
  const items = ledger.records('mail', limit, url.searchParams.get('cursor') ?? undefined);
  const oldest = items.at(-1);
  return {
    status: 200,
    body: { items: items.map(summarize), ...(items.length === limit && oldest !== undefined ? { nextCursor: oldest.id } : {}) },
  };
}

function answerMails(ledger: Ledger, { method, url }: SandboxRequest): SandboxAnswer {
  if (method !== 'GET') return { status: 405, body: { message: 'Mails can only be read.' } };
  if (url.pathname === '/mails') return listMails(ledger, url);
  const messageId = /^\/mails\/by-message-id\/([^/]+)$/.exec(url.pathname)?.[1];
  const id = /^\/mails\/([^/]+)$/.exec(url.pathname)?.[1];
  const record =
    messageId !== undefined
      ? ledger.findRecords('mail', 'messageId', decodeURIComponent(messageId).replaceAll(/[<>]/g, ''))[0]
      : id !== undefined
        ? ledger.getRecord('mail', decodeURIComponent(id))
        : undefined;
  return record === undefined ? NOT_FOUND : { status: 200, body: record.fields };
}

/** Makes the HTTP server that shows what the mail sink received. */
export function createMailApi(ledger: Ledger, now: () => number): Server {
  const service = { ledger, faults: createFaults(ledger), recordType: 'mail', actOnFault: () => false };
  return createSandboxServer((request) => ({ answer: answerAdmin(request, service) ?? answerMails(ledger, request), delayMs: 0 }), now);
}
