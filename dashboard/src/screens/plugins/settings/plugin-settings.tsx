import { useId, useMemo, useState } from 'react';
import type { SubmitEvent } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { api } from '../../../api/client.ts';
import type { PluginInfo } from '../../../api/types.ts';
import { Problem } from '../../../ui/problem.tsx';
import { useTask } from '../../../ui/use-task.ts';
import { TitledPanel } from '../titled-panel.tsx';
import { idOf, SettingControls } from './setting-control.tsx';
import { findFaults, fromDraft, isSet, leavesOf, toDraft } from './setting-draft.ts';
import { readSettings } from './setting-tree.ts';
import type { Setting } from './setting-tree.ts';

interface PluginSettingsProps {
  readonly plugin: PluginInfo;
  readonly onSaved: (plugin: PluginInfo) => void;
}

/** The settings of a plugin as a form, drawn from its JSON Schema; nothing where it has none. */
export function PluginSettings({ plugin, onSaved }: PluginSettingsProps) {
  // What is fetched again is another object each time; the form is made anew only when it says something else.
  const schema = JSON.stringify(plugin.settingsSchema);
  const settings = useMemo(() => readSettings(JSON.parse(schema) as PluginInfo['settingsSchema']), [schema]);
  if (settings.length === 0) return null;
  return (
    <TitledPanel title="Settings">
      <Form key={`${plugin.id} ${schema}`} plugin={plugin} settings={settings} onSaved={onSaved} />
    </TitledPanel>
  );
}

function Form({ plugin, settings, onSaved }: PluginSettingsProps & { readonly settings: readonly Setting[] }) {
  const formId = useId();
  const task = useTask();
  const saved = toDraft(settings, plugin.settings);
  // Only what was changed is kept, so that what others save shows in the rest.
  const [changes, setChanges] = useState<Readonly<Record<string, string | boolean>>>({});
  const [isTried, setTried] = useState(false);
  const [said, setSaid] = useState('');
  const draft = { ...saved, ...changes };
  const faults = findFaults(settings, draft, plugin.settings);
  const isChanged = Object.entries(changes).some(([pointer, typed]) => typed !== saved[pointer]);

  async function save(): Promise<void> {
    await task.run(async () => {
      onSaved(await api.configurePlugin(plugin.id, fromDraft(settings, draft, plugin.settings)));
      setChanges({});
      setTried(false);
      setSaid('Saved. The plugin uses it from its next call on.');
    });
  }
  function discard(): void {
    setChanges({});
    setTried(false);
    task.forget();
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    setTried(true);
    const firstFaulty = leavesOf(settings).find(({ pointer }) => faults[pointer] !== undefined);
    if (firstFaulty === undefined) void save();
    else document.getElementById(idOf(formId, firstFaulty))?.focus();
  }
  function change(pointer: string, typed: string | boolean): void {
    setChanges({ ...changes, [pointer]: typed });
    setSaid('');
    task.forget();
  }
  // What is missing is said when somebody has typed there or tries to save, not on sight.
  const faultAt = (setting: Setting): string | undefined =>
    (isTried || setting.pointer in changes ? faults[setting.pointer] : undefined) ?? faultFromHub(task.problem, setting);
  return (
    <form className="panel-body stack" onSubmit={submit} noValidate>
      <SettingControls
        formId={formId}
        settings={settings}
        draft={draft}
        faultAt={faultAt}
        isStored={(pointer) => isSet(plugin.settings, pointer)}
        onChange={change}
      />
      {task.problem === undefined ? null : <Problem problem={task.problem} isPlaceShown={arePlacesShown(task.problem, settings)} />}
      <div className="row">
        <button type="submit" className="button button-main" disabled={!isChanged || task.isBusy}>
          {task.isBusy ? 'Saving…' : 'Save'}
        </button>
        {isChanged && !task.isBusy ? (
          <button type="button" className="button button-quiet" onClick={discard}>
            Discard
          </button>
        ) : null}
      </div>
      <p className="small settings-said" role="status">
        {isChanged ? '' : said}
      </p>
    </form>
  );
}

interface Place {
  readonly pointer: string;
  readonly message: string;
}

function placesOf(problem: ApiProblem | undefined): readonly Place[] {
  const problems = problem?.details?.['problems'];
  return Array.isArray(problems) ? problems.filter(isPlace) : [];
}

function isPlace(value: unknown): value is Place {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pointer' in value &&
    typeof value.pointer === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}

/** What the hub says about a setting; lists and JSON hold places of their own. */
function faultFromHub(problem: ApiProblem | undefined, setting: Setting): string | undefined {
  const found = placesOf(problem).filter((place) => isAbout(place, setting));
  if (found.length === 0) return undefined;
  return found.map(({ pointer, message }) => [pointer.slice(setting.pointer.length + 1), message].filter(Boolean).join(' ')).join('; ');
}

function isAbout({ pointer }: Place, setting: Setting): boolean {
  if (pointer === setting.pointer) return true;
  return (setting.kind === 'list' || setting.kind === 'json') && pointer.startsWith(`${setting.pointer}/`);
}

/** Whether each place that the hub names has an input, so that nothing is left untold. */
function arePlacesShown(problem: ApiProblem, settings: readonly Setting[]): boolean {
  const all = withGroups(settings);
  return placesOf(problem).every((place) => all.some((setting) => isAbout(place, setting)));
}

function withGroups(settings: readonly Setting[]): readonly Setting[] {
  return settings.flatMap((setting) => (setting.kind === 'group' ? [setting, ...withGroups(setting.settings)] : [setting]));
}
