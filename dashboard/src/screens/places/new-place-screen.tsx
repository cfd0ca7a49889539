import './places.css';
import { navigate } from '../../routing/router.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { FIRST_PLACE } from './place-draft.ts';
import { PlaceEditor } from './place-editor.tsx';

/** Makes a place. */
export function NewPlaceScreen() {
  return (
    <>
      <PageHead
        title="New place"
        back={{ href: '/places', text: 'Places' }}
        lead="What may be shown there, for whom, and what everybody else sees. Nothing changes before it is saved."
      />
      <PlaceEditor
        place={FIRST_PLACE}
        version={0}
        onSaved={({ id }) => navigate(`/places/${encodeURIComponent(id)}?show=code&saved=new`)}
      />
    </>
  );
}
