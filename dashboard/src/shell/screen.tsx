import { Empty } from '../ui/empty.tsx';
import { PageHead } from '../ui/page-head.tsx';
import type { Place } from '../routing/router.ts';
import { CrmScreen } from '../screens/crm/crm-screen.tsx';
import { EventsScreen } from '../screens/events/events-screen.tsx';
import { DuplicatesScreen } from '../screens/duplicates/duplicates-screen.tsx';
import { ExploreScreen } from '../screens/explore/explore-screen.tsx';
import { FormScreen, NewFormScreen } from '../screens/forms/form-screen.tsx';
import { FormsScreen } from '../screens/forms/forms-screen.tsx';
import { ImportScreen } from '../screens/imports/import-screen.tsx';
import { ImportsScreen } from '../screens/imports/imports-screen.tsx';
import { NewImportScreen } from '../screens/imports/new-import-screen.tsx';
import { LeadScreen } from '../screens/leads/lead-screen.tsx';
import { LeadsScreen } from '../screens/leads/leads-screen.tsx';
import { QualificationScreen } from '../screens/leads/qualification-screen.tsx';
import { MailScreen } from '../screens/mail/mail-screen.tsx';
import { MailsScreen } from '../screens/mail/mails-screen.tsx';
import { OverviewScreen } from '../screens/overview/overview-screen.tsx';
import { PeopleScreen } from '../screens/people/people-screen.tsx';
import { PersonScreen } from '../screens/people/person-screen.tsx';
import { PipelineScreen } from '../screens/pipelines/pipeline-screen.tsx';
import { PipelinesScreen } from '../screens/pipelines/pipelines-screen.tsx';
import { NewPlaceScreen } from '../screens/places/new-place-screen.tsx';
import { PlaceScreen } from '../screens/places/place-screen.tsx';
import { PlacesScreen } from '../screens/places/places-screen.tsx';
import { PluginScreen } from '../screens/plugins/plugin-screen.tsx';
import { PluginsScreen } from '../screens/plugins/plugins-screen.tsx';
import { RunScreen } from '../screens/runs/run-screen.tsx';
import { RunsScreen } from '../screens/runs/runs-screen.tsx';
import { TraitsScreen } from '../screens/traits/traits-screen.tsx';
import { WaitingScreen } from '../screens/waiting/waiting-screen.tsx';
import { NewSegmentScreen } from '../screens/segments/new-segment-screen.tsx';
import { SegmentScreen } from '../screens/segments/segment-screen.tsx';
import { SegmentsScreen } from '../screens/segments/segments-screen.tsx';
import { SetupScreen } from '../screens/setup/setup-screen.tsx';

/** Chooses the screen for a place. */
export function Screen({ place }: { readonly place: Place }) {
  const [room = '', id] = place.parts;
  switch (room) {
    case '':
      return <OverviewScreen />;
    case 'events':
      return <EventsScreen place={place} />;
    case 'people':
      return id === undefined ? <PeopleScreen /> : <PersonScreen id={id} />;
    case 'leads':
      return id === undefined ? <LeadsScreen place={place} /> : <LeadScreen id={id} />;
    case 'qualification':
      return <QualificationScreen />;
    case 'segments':
      if (id === 'new') return <NewSegmentScreen place={place} />;
      return id === undefined ? <SegmentsScreen /> : <SegmentScreen name={id} place={place} />;
    case 'traits':
      return <TraitsScreen />;
    case 'explore':
      return <ExploreScreen place={place} />;
    case 'forms':
      if (id === 'new') return <NewFormScreen />;
      return id === undefined ? <FormsScreen /> : <FormScreen id={id} place={place} />;
    case 'places':
      if (id === 'new') return <NewPlaceScreen />;
      return id === undefined ? <PlacesScreen /> : <PlaceScreen id={id} place={place} />;
    case 'duplicates':
      return <DuplicatesScreen place={place} />;
    case 'imports':
      if (id === 'new') return <NewImportScreen />;
      return id === undefined ? <ImportsScreen /> : <ImportScreen id={id} />;
    case 'runs':
      return id === undefined ? <RunsScreen place={place} /> : <RunScreen id={id} />;
    case 'pipelines':
      return id === undefined ? <PipelinesScreen place={place} /> : <PipelineScreen id={id} place={place} />;
    case 'mail':
      return id === undefined ? <MailsScreen /> : <MailScreen id={id} />;
    case 'crm':
      return <CrmScreen place={place} />;
    case 'waiting':
      return <WaitingScreen />;
    case 'plugins':
      return id === undefined ? <PluginsScreen place={place} /> : <PluginScreen id={id} />;
    case 'setup':
      return <SetupScreen />;
    default:
      return (
        <>
          <PageHead title="Not here" />
          <div className="panel">
            <Empty icon="forward" title="There is no such page">
              The address may be mistyped. The navigation leads to everything there is.
            </Empty>
          </div>
        </>
      );
  }
}
