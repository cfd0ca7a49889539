import { api } from '../client.ts';
import type { Instant, Page } from '../types.ts';
import { defined } from './defined.ts';

/** What a field asks for. */
export const FIELD_TYPES = ['text', 'email', 'tel', 'textarea', 'number', 'select', 'checkbox', 'url', 'hidden'] as const;

/** A field of a form. */
export interface FormField {
  readonly name: string;
  readonly type: (typeof FIELD_TYPES)[number];
  readonly label: string;
  readonly isRequired?: boolean;
  /** Trait that it states. */
  readonly trait?: string;
  readonly options?: readonly { readonly value: string; readonly label?: string }[];
  readonly placeholder?: string;
  readonly value?: string;
  readonly mostCharacters?: number;
  readonly autocomplete?: string;
}

/** What there is to agree to. */
export interface FormConsent {
  readonly purpose: string;
  readonly text: string;
  readonly isRequired?: boolean;
}

/** A form as it is saved. */
export interface FormDefinition {
  readonly id: string;
  readonly title: string;
  readonly introduction?: string;
  readonly language?: string;
  readonly fields: readonly FormField[];
  readonly consents?: readonly FormConsent[];
  readonly submitLabel?: string;
  readonly thanks?: string;
  readonly redirectUrl?: string;
  readonly isOpen?: boolean;
  readonly doubleOptIn?: { readonly isOn: boolean; readonly hours?: number; readonly confirmedText?: string };
  readonly allowedOrigins?: readonly string[];
  readonly theme?: { readonly accent?: string; readonly background?: string; readonly text?: string };
  readonly protection?: Readonly<Record<string, number | boolean>>;
  readonly source?: string;
}

/** Something that is allowed and does not do what is expected of it. */
export interface FormWarning {
  readonly code: 'confirmation_missing' | 'confirmation_paused';
  readonly message: string;
  /** Those that would send the mail if they were not paused. */
  readonly pipelines: readonly string[];
}

/** A form with where it is and how many answers it has. */
export interface Form extends FormDefinition {
  readonly path: string;
  readonly savedAt: Instant;
  readonly counts: Readonly<Record<string, number>>;
  readonly warnings: readonly FormWarning[];
  /** HTML that works without scripts. */
  readonly snippet: string;
  /** HTML with a script that sends without leaving the page. */
  readonly script: string;
}

/** A form in the list. */
export interface FormInfo {
  readonly id: string;
  readonly title: string;
  readonly isOpen: boolean;
  readonly isDoubleOptIn: boolean;
  readonly path: string;
  readonly savedAt: Instant;
  readonly counts: Readonly<Record<string, number>>;
  readonly warnings: readonly FormWarning[];
}

/** What became of an answer. */
export const SUBMISSION_STATES = ['accepted', 'unconfirmed', 'suspicious', 'refused'] as const;

/** An answer to a form. */
export interface Submission {
  readonly id: string;
  readonly form: string;
  readonly state: (typeof SUBMISSION_STATES)[number];
  readonly at: Instant;
  readonly values: Readonly<Record<string, string | boolean | number>>;
  readonly consents: readonly string[];
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
  readonly confirmedAt?: Instant;
  readonly expiresAt?: Instant;
  readonly reviewedAt?: Instant;
}

/** Forms that bring leads. */
export const formsApi = {
  list: (page: { readonly cursor?: string | undefined }, signal?: AbortSignal) =>
    api.action<Page<FormInfo>>('leads.form_list', { limit: 50, ...defined(page) }, signal),
  get: (id: string, signal?: AbortSignal) => api.action<Form>('leads.form_get', { id, baseUrl: location.origin }, signal),
  save: (form: FormDefinition) => api.action<FormDefinition & { readonly path: string }>('leads.form_save', form),
  remove: (id: string) => api.action<{ readonly isDeleted: boolean }>('leads.form_delete', { id }),
  submissions: (
    form: string,
    filter: { readonly state?: string | undefined; readonly cursor?: string | undefined },
    signal?: AbortSignal,
  ) => api.action<Page<Submission>>('leads.form_submissions', { form, limit: 30, ...defined(filter) }, signal),
  review: (submission: string, decision: 'approve' | 'refuse') =>
    api.action<{ readonly id: string; readonly state: string }>('leads.form_review', { submission, decision }),
} as const;
