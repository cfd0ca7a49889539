import { useState } from 'react';
import './mail.css';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { Mail } from '../../api/types.ts';
import { Empty } from '../../ui/empty.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { tell } from '../people/person-facts.ts';
import { tellAddress } from './address.ts';
import { MailPreview } from './mail-preview.tsx';

const PARTS = ['Preview', 'Text', 'Headers'] as const;
type Part = (typeof PARTS)[number];

/** One mail: as its reader would see it, as plain text, and its headers. */
export function MailScreen({ id }: { readonly id: string }) {
  const mail = useResource(`mail:${id}`, (signal) => api.mail(id, signal));
  return (
    <>
      <PageHead title={mail.value?.subject ?? 'Mail'} back={{ href: '/mail', text: 'Mail' }} />
      <Loaded resource={mail}>{(value) => <MailParts mail={value} />}</Loaded>
    </>
  );
}

function MailParts({ mail }: { readonly mail: Mail }) {
  const hasHtml = typeof mail.html === 'string' && mail.html !== '';
  const [part, setPart] = useState<Part>(hasHtml ? 'Preview' : 'Text');
  return (
    <section className="panel" aria-label="Mail">
      <dl className="facts mail-head">
        <dt>From</dt>
        <dd>{tellAddress(mail.from)}</dd>
        <dt>To</dt>
        <dd>{tellAddress(mail.to)}</dd>
        <dt>Sent</dt>
        <dd>
          <Moment at={mail.sentAt} />
        </dd>
      </dl>
      <div className="segmented mail-parts" role="group" aria-label="Part of the mail">
        {PARTS.map((each) => (
          <button
            key={each}
            type="button"
            className="segment segment-button"
            aria-current={each === part ? 'true' : undefined}
            onClick={() => setPart(each)}
          >
            {each}
          </button>
        ))}
      </div>
      {part === 'Preview' ? (
        hasHtml ? (
          <MailPreview html={mail.html ?? ''} />
        ) : (
          <Empty icon="mail" title="This mail has no HTML part" />
        )
      ) : null}
      {part === 'Text' ? (
        <pre className="mail-text" tabIndex={0} role="group" aria-label="Plain text">
          {mail.text ?? 'This mail has no plain text part.'}
        </pre>
      ) : null}
      {part === 'Headers' ? <Headers headers={mail.headers ?? {}} /> : null}
    </section>
  );
}

function Headers({ headers }: { readonly headers: NonNullable<Mail['headers']> }) {
  const names = Object.keys(headers);
  const hasUnsubscribe = names.some((name) => name.toLowerCase() === 'list-unsubscribe');
  return (
    <div className="panel-body stack">
      <p className="small">
        {hasUnsubscribe ? (
          <span className="chip chip-good">One-click unsubscribe is there</span>
        ) : (
          <span className="chip chip-warn">No List-Unsubscribe header</span>
        )}
      </p>
      <dl className="facts mono">
        {names.map((name) => (
          <HeaderLine key={name} name={name} value={tell(headers[name] ?? '')} />
        ))}
      </dl>
    </div>
  );
}

function HeaderLine({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
