import './panels.css';
import { useId } from 'react';
import { api } from '../../api/client.ts';
import { useResource } from '../../api/use-resource.ts';
import type { PanelInfo, PanelPlace } from '../../api/types.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { PanelView } from './panel-view.tsx';

const REFRESH_MS = 15_000;
const LINES = { number: 2, table: 5, line: 5, bar: 5, text: 3 } as const;

interface PluginPanelsProps {
  readonly place: PanelPlace;
  /** The profile at the place `person`, the lead at `lead`. */
  readonly subject?: string;
  /** Only those of one plugin. */
  readonly plugin?: string;
}

/** The panels that plugins contribute to a place; nothing where there are none. */
export function PluginPanels({ place, subject, plugin }: PluginPanelsProps) {
  const panels = useResource(`panels:${place}:${plugin ?? ''}`, async (signal) => (await api.panels({ place, plugin }, signal)).items);
  // Without panels the screen is what it is; a list that does not load is no reason to hide the rest of it.
  const shown = panels.value ?? [];
  if (shown.length === 0) return null;
  return (
    <div className="plugin-panels">
      {shown.map((panel) => (
        <PluginPanel key={panel.id} panel={panel} {...(subject === undefined ? {} : { subject })} />
      ))}
    </div>
  );
}

function PluginPanel({ panel, subject }: { readonly panel: PanelInfo; readonly subject?: string }) {
  const titleId = useId();
  const data = useResource(`panel:${panel.id}:${subject ?? ''}`, (signal) => api.panelData(panel.id, subject, signal), REFRESH_MS);
  return (
    <section className="panel plugin-panel" aria-labelledby={titleId}>
      <div className="panel-head">
        <h2 id={titleId}>{panel.title}</h2>
        <span className="small faint">{panel.plugin}</span>
      </div>
      <Loaded resource={data} skeletonLines={LINES[panel.view]}>
        {(shown) => <PanelView title={panel.title} shown={shown} />}
      </Loaded>
    </section>
  );
}
