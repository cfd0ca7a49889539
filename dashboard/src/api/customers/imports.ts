import { api } from '../client.ts';
import type { Instant, Page } from '../types.ts';
import { defined } from './defined.ts';

/** What cells of a column are. */
export type CellType = 'text' | 'number' | 'boolean';

/** How consent is told. */
export interface ImportConsent {
  readonly column: string;
  readonly optIn?: readonly string[];
  readonly optOut?: readonly string[];
  readonly purposes?: readonly string[];
}

/** What the columns of a file mean. */
export interface ImportMapping {
  readonly columns: readonly string[];
  /** By column: `userId`, `anonymousId`, `timestamp` or a trait; columns that are missing are left out. */
  readonly mapping: Readonly<Record<string, string>>;
  readonly types?: Readonly<Record<string, CellType>>;
  readonly consent?: ImportConsent;
}

/** What an import is begun with. */
export interface NewImport extends ImportMapping {
  readonly name: string;
  readonly fileName?: string;
  readonly sizeBytes?: number;
  readonly source?: string;
  /** Such events start no pipelines unless these ask for them. */
  readonly isImported?: boolean;
}

/** An import in the list. */
export interface ImportInfo {
  readonly id: string;
  readonly state: 'open' | 'finished' | 'cancelled';
  readonly name: string;
  readonly fileName?: string;
  readonly source?: string;
  readonly sizeBytes?: number;
  readonly rowCount?: number;
  readonly createdAt: Instant;
  readonly finishedAt?: Instant;
  readonly rows?: { readonly seen: number; readonly accepted: number; readonly refused: number };
  readonly duplicates?: { readonly inFile: number; readonly known: number };
  readonly people?: { readonly new: number; readonly known: number };
}

/** An import with how far it is. */
export interface Import extends ImportInfo, ImportMapping {
  readonly isImported: boolean;
  readonly rows: { readonly seen: number; readonly accepted: number; readonly refused: number };
  readonly duplicates: { readonly inFile: number; readonly known: number };
  readonly people: { readonly new: number; readonly known: number };
  /** First row that has not come, counted from 1. */
  readonly nextRow: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly refusalsKept: number;
}

/** A row that was refused. */
export interface RowRefusal {
  readonly row: number;
  readonly column?: string;
  readonly code: string;
  readonly message: string;
}

/** What a column may mean. */
export interface MappingSuggestion {
  readonly items: readonly {
    readonly column: string;
    readonly to?: string;
    readonly type: CellType;
    readonly confidence: number;
    readonly reason: string;
  }[];
  readonly mapping: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, CellType>>;
  readonly consent?: ImportConsent;
}

/** What became of the rows of one call. */
export interface RowsAnswer {
  readonly first: number;
  readonly rows: number;
  readonly accepted: number;
  readonly refused: number;
  readonly repeated: number;
  readonly refusals: readonly RowRefusal[];
}

/** Bringing people from files. */
export const importsApi = {
  list: (page: { readonly cursor?: string | undefined }, signal?: AbortSignal) =>
    api.action<Page<ImportInfo>>('leads.imports', { limit: 50, ...defined(page) }, signal),
  get: (id: string, signal?: AbortSignal) => api.action<Import>('leads.import', { id }, signal),
  suggest: (columns: readonly string[], sample: readonly (readonly string[])[], signal?: AbortSignal) =>
    api.action<MappingSuggestion>('leads.suggest_mapping', { columns, sample }, signal),
  create: (asked: NewImport) => api.action<Import>('leads.create_import', asked),
  sendRows: (id: string, first: number, rows: readonly (readonly string[])[], signal?: AbortSignal) =>
    api.action<RowsAnswer>('leads.import_rows', { import: id, first, rows }, signal),
  finish: (id: string) => api.action<Import>('leads.finish_import', { import: id }),
  cancel: (id: string) => api.action<Import>('leads.cancel_import', { import: id }),
  refusals: (id: string, page: { readonly cursor?: string | undefined; readonly limit?: number }, signal?: AbortSignal) =>
    api.action<Page<RowRefusal>>('leads.import_refusals', { import: id, ...defined(page) }, signal),
  refusalsAsCsv: (id: string, cursor?: string) =>
    api.action<{ readonly csv?: string; readonly nextCursor?: string }>('leads.import_refusals', {
      import: id,
      limit: 1_000,
      format: 'csv',
      ...defined({ cursor }),
    }),
} as const;
