import type { Import } from '../../api/customers/imports.ts';
import { Moment } from '../../ui/moment.tsx';
import { tellCount } from '../../ui/number.ts';

const REASONS: Readonly<Record<string, string>> = {
  cell_count: 'Another number of cells',
  no_identity: 'Nothing to know them by',
  invalid_email: 'No e-mail address',
  invalid_phone: 'No phone number',
  invalid_time: 'No time',
  invalid_number: 'No number',
  invalid_boolean: 'Neither yes nor no',
  too_long: 'Too long',
  not_an_event: 'Cannot be an event',
};

/** What became of the rows of an import, and what its columns were said to mean. */
export function ImportFigures({ of }: { readonly of: Import }) {
  const figures = [
    ['Rows', of.rows.seen],
    ['Taken', of.rows.accepted],
    ['Refused', of.rows.refused],
    ['New people', of.people.new],
    ['Known people', of.people.known],
    ['Twice in the file', of.duplicates.inFile],
    ['Known leads', of.duplicates.known],
  ] as const;
  const reasons = Object.entries(of.refusals).toSorted(([, left], [, right]) => right - left);
  return (
    <>
      <ul className="figures panel" aria-label="Figures">
        {figures.map(([text, count]) => (
          <li key={text}>
            <span className="figure number">{tellCount(count)}</span>
            <span className="small soft">{text}</span>
          </li>
        ))}
      </ul>
      <div className="columns columns-even">
        <section className="panel" aria-labelledby="meaning-title">
          <div className="panel-head">
            <h2 id="meaning-title">What the columns mean</h2>
          </div>
          <dl className="facts panel-body">
            {of.columns.map((column) => (
              <Meaning key={column} column={column} of={of} />
            ))}
          </dl>
        </section>
        <section className="panel" aria-labelledby="about-import-title">
          <div className="panel-head">
            <h2 id="about-import-title">About it</h2>
          </div>
          <dl className="facts panel-body">
            <dt>Begun</dt>
            <dd>
              <Moment at={of.createdAt} />
            </dd>
            {of.finishedAt === undefined ? null : (
              <>
                <dt>Ended</dt>
                <dd>
                  <Moment at={of.finishedAt} />
                </dd>
              </>
            )}
            <dt>Pipelines</dt>
            <dd>{of.isImported ? 'Only those that ask for imported events' : 'Started by its rows'}</dd>
            {reasons.map(([code, count]) => (
              <RefusedFor key={code} code={code} count={count} />
            ))}
          </dl>
        </section>
      </div>
    </>
  );
}

function Meaning({ column, of }: { readonly column: string; readonly of: Import }) {
  const to = of.consent?.column === column ? `consent to ${(of.consent.purposes ?? ['marketing']).join(', ')}` : of.mapping[column];
  const type = of.types?.[column];
  return (
    <>
      <dt className="wrap-anywhere">{column}</dt>
      <dd>
        {to === undefined ? <span className="faint">left out</span> : `${to}${type === undefined || type === 'text' ? '' : ` (${type})`}`}
      </dd>
    </>
  );
}

function RefusedFor({ code, count }: { readonly code: string; readonly count: number }) {
  return (
    <>
      <dt>{REASONS[code] ?? code.replaceAll('_', ' ')}</dt>
      <dd className="number">{tellCount(count)} refused</dd>
    </>
  );
}
