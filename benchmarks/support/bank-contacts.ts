import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Contact } from './leads-tenant.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** What the plugin is told of the UCI Bank Marketing set; `duration` is known only when a call is over, and not among it. */
export const settings = {
  contactEvent: 'Customer Contacted',
  outcome: { event: 'Offer Answered', property: 'subscribed' },
  features: [
    ...['age', 'balance'].map((key) => ({ from: 'trait', key, kind: 'number' })),
    ...['job', 'marital', 'education'].map((key) => ({ from: 'trait', key, kind: 'category' })),
    ...['hasDefault', 'housingLoan', 'personalLoan'].map((key) => ({ from: 'trait', key, kind: 'boolean' })),
    ...['contactType', 'month', 'previousOutcome'].map((key) => ({ from: 'property', key, kind: 'category' })),
    ...['campaignContacts', 'daysSinceContact', 'previousContacts'].map((key) => ({ from: 'property', key, kind: 'number' })),
  ],
};

/** The contacts of the set, in its order. */
export function readContacts(path: URL | string): readonly Contact[] {
  const bytes = readFileSync(path);
  const [header = '', ...lines] = (String(path).endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trim().split('\n');
  const columns = header.trim().split(',');
  let year = 2008;
  let lastMonth = 0;
  return lines.map((line, index) => {
    const cells = line.trim().split(',');
    const row = Object.fromEntries(columns.map((column, place) => [column, cells[place] ?? '']));
    const month = MONTHS.indexOf(row['month'] ?? '');
    if (month < lastMonth) year += 1;
    lastMonth = month;
    const daysSinceContact = Number(row['pdays']);
    return {
      id: `customer-${row['Cust_num'] ?? index}`,
      // Some rows of one day: their order in the file is their order in time.
      at: Date.UTC(year, month, Number(row['day'])) + index,
      traits: {
        email: `customer-${index}@example.invalid`,
        age: Number(row['age']),
        job: row['job'],
        marital: row['marital'],
        education: row['education'],
        balance: Number(row['balance']),
        hasDefault: row['default'] === 'yes',
        housingLoan: row['housing'] === 'yes',
        personalLoan: row['loan'] === 'yes',
      },
      properties: {
        contactType: row['contact'],
        month: row['month'],
        campaignContacts: Number(row['campaign']),
        previousContacts: Number(row['previous']),
        previousOutcome: row['poutcome'],
        ...(daysSinceContact < 0 ? {} : { daysSinceContact }),
      },
      isPositive: row['y'] === 'yes',
    };
  });
}
