import type { Call } from '@tendril/plugin-api';
import type { DomainsRow, Settings } from '../gen/manifest.gen.ts';
import { isFreeMailbox } from './email-quality.ts';

/** What somebody has stated of their company. */
export interface CompanyStatement {
  readonly domain: string;
  readonly company?: string;
  readonly industry?: string;
  readonly size?: string;
}

/** What most say, with how sure that is. */
export interface Majority {
  readonly value: string;
  readonly confidence: number;
  readonly evidence: string;
}

const MOST_NAMES = 30;
const LONGEST_NAME = 200;

/** Reads what traits say of the company behind an address; `undefined` when nothing is said, or the mailbox is one that anybody may have. */
export function companyStatementOf(traits: Readonly<Record<string, unknown>>, email: string | undefined): CompanyStatement | undefined {
  const domain = email?.slice(email.lastIndexOf('@') + 1);
  if (domain === undefined || isFreeMailbox(domain)) return undefined;
  const company = nameOf(traits['company']);
  const industry = textOf(traits['industry']);
  const size = textOf(traits['companySize'] ?? traits['employees']);
  if (company === undefined && industry === undefined && size === undefined) return undefined;
  return {
    domain,
    ...(company === undefined ? {} : { company }),
    ...(industry === undefined ? {} : { industry }),
    ...(size === undefined ? {} : { size }),
  };
}

/** Counts statements, each once: they come from events that are seen once. */
export async function learnCompanies(statements: readonly CompanyStatement[], call: Call<Settings>): Promise<void> {
  const domains = [...new Set(statements.map(({ domain }) => domain))];
  if (domains.length === 0) return;
  const rows = await call.table<DomainsRow>('domains').getMany(domains);
  const said = Map.groupBy(statements, ({ domain }) => domain);
  for (const [place, domain] of domains.entries()) {
    const { statements: before = 0, companies = {}, industries = {}, sizes = {} } = rows[place]?.value ?? {};
    const fresh = said.get(domain) ?? [];
    const row: DomainsRow = {
      domain,
      statements: before + fresh.length,
      companies: counted(
        companies,
        fresh.map(({ company }) => company),
      ),
      industries: counted(
        industries,
        fresh.map(({ industry }) => industry),
      ),
      sizes: counted(
        sizes,
        fresh.map(({ size }) => size),
      ),
    };
    call.changes.put('domains', row, rows[place]?.version ?? 'absent');
  }
}

/** What is known of the company of a domain. */
export async function recallCompany(
  domain: string,
  call: Call<Settings>,
): Promise<{ readonly company?: Majority; readonly industry?: Majority; readonly size?: Majority }> {
  const row = isFreeMailbox(domain) ? undefined : (await call.table<DomainsRow>('domains').get(domain))?.value;
  if (row === undefined) return {};
  const company = majorityOf(row.companies);
  const industry = majorityOf(row.industries);
  const size = majorityOf(row.sizes);
  return {
    ...(company === undefined ? {} : { company }),
    ...(industry === undefined ? {} : { industry }),
    ...(size === undefined ? {} : { size }),
  };
}

/**
 * The value that most have stated. The confidence is the share of those who agree, with one more who does not: a single statement is
 * worth a half. Spellings that differ in case and spaces alone count together, under the most frequent one.
 */
export function majorityOf(counts: Readonly<Record<string, number>>): Majority | undefined {
  const groups = new Map<string, { total: number; best: string; most: number }>();
  for (const [value, times] of Object.entries(counts)) {
    const key = value.toLowerCase().replaceAll(/[\s.,]+/g, '');
    const group = groups.get(key) ?? { total: 0, best: value, most: 0 };
    group.total += times;
    if (times > group.most) Object.assign(group, { best: value, most: times });
    groups.set(key, group);
  }
  const all = [...groups.values()].reduce((sum, { total }) => sum + total, 0);
  const [first] = [...groups.values()].toSorted((a, b) => b.total - a.total);
  if (first === undefined || first.total * 2 < all) return undefined;
  return {
    value: first.best,
    confidence: Math.round((first.total / (all + 1)) * 100) / 100,
    evidence: `stated by ${String(first.total)} of ${String(all)} with an address of the domain`,
  };
}

/** Counts with further values. Those beyond the bound are left out: nobody's majority. */
function counted(before: Readonly<Record<string, number>>, values: readonly (string | undefined)[]): Record<string, number> {
  const counts = new Map(Object.entries(before));
  for (const value of values) {
    if (value === undefined) continue;
    const count = counts.get(value);
    if (count !== undefined || counts.size < MOST_NAMES) counts.set(value, (count ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** Segment's `company` is an object with a name. */
function nameOf(value: unknown): string | undefined {
  return textOf(typeof value === 'object' && value !== null && 'name' in value ? value.name : value);
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  return text === '' || text.length > LONGEST_NAME || text.startsWith('__') ? undefined : text;
}
