import type { Profile } from '../../api/customers/people.ts';
import { Link } from '../../routing/link.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Moment } from '../../ui/moment.tsx';
import { groupIdentities } from './person-facts.ts';

/** Who somebody is: by what they are known, since when, where they belong, and what they agreed to. */
export function PersonWho({ person }: { readonly person: Profile }) {
  const others = person.aliases.filter((alias) => alias !== person.id);
  return (
    <section className="panel" aria-labelledby="who-title">
      <div className="panel-head">
        <h2 id="who-title">Who they are</h2>
        <span className={`chip ${person.isIdentified ? 'chip-good' : ''}`}>{person.isIdentified ? 'Identified' : 'Not identified'}</span>
      </div>
      <dl className="facts panel-body">
        {groupIdentities(person.identities).map(([kind, values]) => (
          <IdentityFact key={kind} kind={kind} values={values} />
        ))}
        <dt>First seen</dt>
        <dd>
          <Moment at={person.firstSeenAt} />
        </dd>
        <dt>Last seen</dt>
        <dd>
          <Moment at={person.lastSeenAt} />
        </dd>
        {person.groups.length === 0 ? null : (
          <>
            <dt>Groups</dt>
            <dd>{person.groups.join(', ')}</dd>
          </>
        )}
        <dt>Consent</dt>
        <dd>
          <Consents consent={person.consent} />
        </dd>
        <dt>Segments</dt>
        <dd>
          {person.segments.length === 0 ? (
            <span className="faint">in none</span>
          ) : (
            <span className="identity-list">
              {person.segments.map((segment) => (
                <Link key={segment} href={`/segments/${encodeURIComponent(segment)}`} className="identity">
                  {segment}
                </Link>
              ))}
            </span>
          )}
        </dd>
        <dt>Id</dt>
        <dd className="mono">
          {person.id}
          {others.length === 0 ? null : <span className="faint"> and before {others.join(', ')}</span>}
        </dd>
      </dl>
    </section>
  );
}

function IdentityFact({ kind, values }: { readonly kind: string; readonly values: readonly string[] }) {
  return (
    <>
      <dt>{kind}</dt>
      <dd>
        {values.map((value) => (
          <div key={value}>{value}</div>
        ))}
      </dd>
    </>
  );
}

function Consents({ consent }: { readonly consent: Profile['consent'] }) {
  const entries = Object.entries(consent);
  if (entries.length === 0) return <span className="faint">nothing said</span>;
  return (
    <span className="identity-list">
      {entries.map(([category, said]) => (
        <span key={category} className={`chip ${said === 'granted' ? 'chip-good' : 'chip-bad'}`}>
          <Icon name={said === 'granted' ? 'check' : 'cross'} isSmall />
          {category}: {said === 'granted' ? 'agreed' : 'refused'}
        </span>
      ))}
    </span>
  );
}
