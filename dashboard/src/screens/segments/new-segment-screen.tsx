import './segments.css';
import { Link } from '../../routing/link.tsx';
import { navigate } from '../../routing/router.ts';
import type { Place } from '../../routing/router.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { EXAMPLES } from './examples.ts';
import { SegmentEditor } from './segment-editor.tsx';

/** Makes a segment, from nothing or from an example. */
export function NewSegmentScreen({ place }: { readonly place: Place }) {
  const from = place.query.get('from') ?? '';
  const example = EXAMPLES.find(({ id }) => id === from);
  return (
    <>
      <PageHead
        title="New segment"
        back={{ href: '/segments', text: 'Segments' }}
        lead="Say who is meant. Nothing changes before it is saved."
      />
      <nav className="toolbar segmented" aria-label="Begin with">
        <span className="small soft">Begin with</span>
        {EXAMPLES.map(({ id, title, description }) => (
          <Link
            key={id}
            href={`/segments/new?from=${id}`}
            className="segment"
            title={description}
            aria-current={id === from ? 'true' : undefined}
          >
            {title}
          </Link>
        ))}
      </nav>
      <SegmentEditor
        key={from}
        example={example}
        onSaved={({ name }) => navigate(`/segments/${encodeURIComponent(name)}?show=members&saved=new`)}
      />
    </>
  );
}
