import type { SandboxAnswer } from '../http-service.ts';
import type { Ledger, StoredRecord } from '../ledger.ts';
import { textOf } from '../tokens.ts';
import { FIELDS_BY_NAME } from './lead-fields.ts';

const SHAPE =
  /^SELECT\s+(?<fields>[\w\s,()]+?)\s+FROM\s+(?<object>\w+)(?:\s+WHERE\s+(?<field>\w+)\s*=\s*'(?<value>(?:[^'\\]|\\.)*)')?(?:\s+LIMIT\s+(?<limit>\d+))?\s*$/i;

const INDEXED: ReadonlySet<string> = new Set(['Email', 'Tendril_Id__c']);

function malformed(message: string): SandboxAnswer {
  return { status: 400, body: [{ message, errorCode: 'MALFORMED_QUERY' }] };
}

function select(record: StoredRecord, names: readonly string[], version: string): object {
  const attributes = { type: 'Lead', url: `/services/data/v${version}/sobjects/Lead/${record.id}` };
  return { attributes, ...Object.fromEntries(names.map((name) => [name, record.fields[name] ?? null])) };
}

function findLeads(ledger: Ledger, name: string, value: string): readonly StoredRecord[] {
  if (INDEXED.has(name)) return ledger.findRecords('Lead', name, value);
  return ledger.records('Lead', 1_000_000).filter((record) => textOf(record.fields[name] ?? '').toLowerCase() === value);
}

/** The subset of SOQL that a check needs: fields of Lead, one equality, a limit; and `COUNT()`. */
export function answerQuery(soql: string, ledger: Ledger, version: string): SandboxAnswer {
  const groups = SHAPE.exec(soql.trim())?.groups;
  if (groups === undefined) return malformed('unexpected token');
  if (groups['object']?.toLowerCase() !== 'lead')
    return { status: 400, body: [{ message: `sObject type '${groups['object']}' is not supported.`, errorCode: 'INVALID_TYPE' }] };
  const limit = Number(groups['limit'] ?? 2000);
  const filter = groups['field'] === undefined ? undefined : FIELDS_BY_NAME.get(groups['field'].toLowerCase());
  if (groups['field'] !== undefined && filter === undefined)
    return { status: 400, body: [{ message: `No such column '${groups['field']}' on entity 'Lead'.`, errorCode: 'INVALID_FIELD' }] };
  const value = (groups['value'] ?? '').replaceAll(/\\(.)/g, '$1').toLowerCase();
  const found = filter === undefined ? ledger.records('Lead', limit) : findLeads(ledger, filter.name, value).slice(0, limit);
  const wanted = groups['fields']?.trim() ?? '';
  if (/^COUNT\(\)$/i.test(wanted))
    return { status: 200, body: { totalSize: filter === undefined ? ledger.countRecords('Lead') : found.length, done: true, records: [] } };
  const names = wanted.split(',').map((name) => FIELDS_BY_NAME.get(name.trim().toLowerCase())?.name);
  if (names.includes(undefined))
    return { status: 400, body: [{ message: `No such column on entity 'Lead' among ${wanted}.`, errorCode: 'INVALID_FIELD' }] };
  return {
    status: 200,
    body: {
      totalSize: found.length,
      done: true,
      records: found.map((record) =>
        select(
          record,
          names.filter((name) => name !== undefined),
          version,
        ),
      ),
    },
  };
}
