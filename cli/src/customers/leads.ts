import { ago } from '../instants.ts';

/** A lead as the hub shows it. */
export interface ShownLead {
  readonly id: string;
  readonly person: string;
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly status: string;
  readonly stage: string | null;
  readonly owner: string | null;
  readonly probability: number | null;
  readonly fit: number | null;
  readonly behaviour: number | null;
  readonly expectedValueCents: number | null;
  readonly currency?: string;
  readonly reasons: readonly { readonly text: string; readonly contribution: number; readonly part?: string }[];
  readonly source: string;
  readonly capturedAt: string;
  readonly activityAt?: string;
  readonly history: readonly {
    readonly at: string;
    readonly stage: string | null;
    readonly by: string;
    readonly reasons: readonly string[];
  }[];
}

/** A row of a table of leads. @param now epoch milliseconds */
export function leadRow(lead: ShownLead, now: number): Readonly<Record<string, unknown>> {
  return {
    id: lead.id,
    who: lead.name ?? lead.email ?? lead.phone,
    status: lead.status,
    stage: lead.stage,
    owner: lead.owner,
    probable: lead.probability === null ? '' : `${(lead.probability * 100).toFixed(0)} %`,
    worth: moneyOf(lead),
    active: ago(lead.activityAt ?? lead.capturedAt, now),
  };
}

/** What a lead is expected to bring; empty where that is not known. */
export function moneyOf({ expectedValueCents, currency }: Pick<ShownLead, 'expectedValueCents' | 'currency'>): string {
  return expectedValueCents === null ? '' : `${(expectedValueCents / 100).toFixed(2)} ${currency ?? ''}`.trim();
}
