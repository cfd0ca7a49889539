import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One record of the data set. Numbers are as in the file; `unknown` stays a word. */
export interface BankRecord {
  /** Number in the whole set; tells records apart. */
  readonly number: number;
  /** Calendar day of the contact, reconstructed: the file has day and month, its order gives the year. Epoch milliseconds, UTC. */
  readonly contactedAt: number;
  readonly age: number;
  readonly job: string;
  readonly marital: string;
  readonly education: string;
  readonly hasDefault: boolean;
  /** Average yearly balance, in euros. */
  readonly balance: number;
  readonly housingLoan: boolean;
  readonly personalLoan: boolean;
  readonly contactType: string;
  readonly month: string;
  /** Length of the call in seconds, known only after it. */
  readonly callSeconds: number;
  /** Contacts in this campaign, this one included. */
  readonly campaignContacts: number;
  /** Days since the contact in an earlier campaign; missing when there was none. */
  readonly daysSinceContact?: number;
  readonly previousContacts: number;
  readonly previousOutcome: string;
  /** Whether the client subscribed a term deposit. */
  readonly subscribed: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const FIRST_YEAR = 2008;

/** The shipped records, in date order. */
export function readRecords(): readonly BankRecord[] {
  const text = gunzipSync(readFileSync(new URL('../data/bank-marketing.csv.gz', import.meta.url))).toString('utf8');
  const [header, ...lines] = text.trim().split('\n');
  if (header === undefined) throw new Error('The data file is empty.');
  const columns = header.trim().split(',');
  let year = FIRST_YEAR;
  let lastMonth = 0;
  return lines.map((line) => {
    const cells = line.trim().split(',');
    const row = Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']));
    const month = MONTHS.indexOf(row['month'] ?? '');
    if (month < lastMonth) year += 1;
    lastMonth = month;
    return toRecord(row, Date.UTC(year, month, Number(row['day'])));
  });
}

function toRecord(row: Readonly<Record<string, string>>, contactedAt: number): BankRecord {
  const daysSinceContact = Number(row['pdays']);
  return {
    number: Number(row['Cust_num']),
    contactedAt,
    age: Number(row['age']),
    job: row['job'] ?? '',
    marital: row['marital'] ?? '',
    education: row['education'] ?? '',
    hasDefault: row['default'] === 'yes',
    balance: Number(row['balance']),
    housingLoan: row['housing'] === 'yes',
    personalLoan: row['loan'] === 'yes',
    contactType: row['contact'] ?? '',
    month: row['month'] ?? '',
    callSeconds: Number(row['duration']),
    campaignContacts: Number(row['campaign']),
    ...(daysSinceContact < 0 ? {} : { daysSinceContact }),
    previousContacts: Number(row['previous']),
    previousOutcome: row['poutcome'] ?? '',
    subscribed: row['y'] === 'yes',
  };
}
