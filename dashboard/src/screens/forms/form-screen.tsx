import { useState } from 'react';
import './forms.css';
import { formsApi } from '../../api/customers/forms.ts';
import type { Form } from '../../api/customers/forms.ts';
import { useResource } from '../../api/use-resource.ts';
import { navigate, withQuery } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { RoomTabs } from '../../ui/room-tabs.tsx';
import { FIRST_FORM } from './form-draft.ts';
import { FormEditor } from './form-editor.tsx';
import { FormWarnings } from './form-warnings.tsx';
import { Submissions } from './submissions.tsx';

const REFRESH_MS = 8_000;

const PARTS = [
  { show: '', text: 'Answers' },
  { show: 'edit', text: 'Fields and looks' },
  { show: 'share', text: 'Link and snippet' },
] as const;

/** One form: its answers, its fields, and how it gets into a page. */
export function FormScreen({ id, place }: { readonly id: string; readonly place: Place }) {
  const form = useResource(`form:${id}`, (signal) => formsApi.get(id, signal), REFRESH_MS);
  const [isRemoving, setRemoving] = useState(false);
  const [said, setSaid] = useState('');
  const show = place.query.get('show') ?? '';
  const { value } = form;
  return (
    <>
      <PageHead title={value?.title ?? id} back={{ href: '/forms', text: 'Forms' }} lead={value?.introduction}>
        {value === undefined ? null : (
          <>
            <span className={`chip ${value.isOpen === false ? '' : 'chip-good'}`}>{value.isOpen === false ? 'Closed' : 'Open'}</span>
            <button type="button" className="button button-bad" onClick={() => setRemoving(true)}>
              Delete
            </button>
          </>
        )}
      </PageHead>
      <p role="status" className={said === '' ? 'visually-hidden' : 'said'}>
        {said}
      </p>
      {value === undefined ? null : (
        <FormWarnings
          warnings={value.warnings}
          onMended={() => {
            setSaid('The mails are sent from now on. A backfill of the pipeline asks those who answered before.');
            form.reload();
          }}
        />
      )}
      <RoomTabs
        label="Parts of this form"
        tabs={PARTS.map((part) => ({ href: withQuery(place, 'show', part.show), text: part.text }))}
        current={withQuery(place, 'show', show)}
      />
      <Loaded resource={form}>
        {(loaded) =>
          show === 'edit' ? (
            <FormEditor
              form={loaded}
              isNew={false}
              onSaved={() => {
                setSaid('Saved. Its page shows it at once.');
                form.reload();
              }}
            />
          ) : show === 'share' ? (
            <Share form={loaded} />
          ) : (
            <Submissions form={loaded} />
          )
        }
      </Loaded>
      {isRemoving && value !== undefined ? (
        <Confirm
          title={`Delete ${value.title}?`}
          action="Delete the form"
          isGrave
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await formsApi.remove(id);
            navigate('/forms');
          }}
        >
          <p>Its page and its snippets take no answers any more. The answers stay.</p>
        </Confirm>
      ) : null}
    </>
  );
}

/** Makes a form. */
export function NewFormScreen() {
  return (
    <>
      <PageHead title="New form" back={{ href: '/forms', text: 'Forms' }} lead="It has a page of its own as soon as it is saved." />
      <FormEditor form={FIRST_FORM} isNew onSaved={({ id }) => navigate(`/forms/${encodeURIComponent(id)}?show=share`)} />
    </>
  );
}

function Share({ form }: { readonly form: Form }) {
  const url = new URL(form.path, location.origin).href;
  return (
    <div className="stack">
      <section className="panel" aria-labelledby="link-title">
        <div className="panel-head">
          <h2 id="link-title">Its own page</h2>
          <CopyButton text={url} what="the link" />
        </div>
        <div className="panel-body">
          <a href={url} target="_blank" rel="noreferrer" className="mono wrap-anywhere">
            {url}
          </a>
        </div>
      </section>
      <Snippet
        title="In your page, without a script"
        hint="An ordinary form that sends to the hub. It works everywhere, and leads to the page of thanks."
        html={form.snippet}
      />
      <Snippet
        title="In your page, with a script"
        hint="Sends without leaving the page. Your site has to be among the allowed ones."
        html={form.script}
      />
    </div>
  );
}

function Snippet({ title, hint, html }: { readonly title: string; readonly hint: string; readonly html: string }) {
  return (
    <section className="panel" aria-label={title}>
      <div className="panel-head">
        <h2>{title}</h2>
        <CopyButton text={html} what={title} />
      </div>
      <div className="panel-body stack-tight">
        <p className="small soft">{hint}</p>
        <pre className="json" tabIndex={0} role="group" aria-label={`${title}: HTML`}>
          {html}
        </pre>
      </div>
    </section>
  );
}
