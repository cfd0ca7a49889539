import { useId, useMemo, useState } from 'react';
import type { SubmitEvent } from 'react';
import { toApiProblem } from '../../api/api-problem.ts';
import type { ApiProblem } from '../../api/api-problem.ts';
import { api } from '../../api/client.ts';
import type { JsonObject, PipelineInfo } from '../../api/types.ts';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Problem } from '../../ui/problem.tsx';
import { SettingInput } from './setting-input.tsx';
import { findFaults, fromDraft, readFields, toDraft } from './settings-fields.ts';

interface SettingsFormProps {
  readonly pipeline: PipelineInfo;
  readonly onSaved: (pipeline: PipelineInfo) => void;
}

/** The settings of a pipeline, for those who do not write YAML: checked while typing, saved at once, undone with one press. */
export function SettingsForm({ pipeline, onSaved }: SettingsFormProps) {
  const fields = useMemo(() => readFields(pipeline.settingsSchema), [pipeline.settingsSchema]);
  const [draft, setDraft] = useState(() => toDraft(fields, pipeline.settings));
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | undefined>(undefined);
  const [undoTo, setUndoTo] = useState<JsonObject | undefined>(undefined);
  const [said, setSaid] = useState('');
  const formId = useId();
  const saved = useMemo(() => toDraft(fields, pipeline.settings), [fields, pipeline.settings]);
  const faults = findFaults(fields, draft);
  const isChanged = fields.some(({ name }) => draft[name] !== saved[name]);

  async function save(settings: JsonObject, message: string, undoable: JsonObject | undefined): Promise<void> {
    const before = pipeline;
    setSaving(true);
    setProblem(undefined);
    // Shown as saved at once; taken back if the hub refuses.
    onSaved({ ...pipeline, settings });
    try {
      await api.configurePipeline(pipeline.id, pipeline.environment ?? 'production', settings);
      setSaid(message);
      setUndoTo(undoable);
    } catch (thrown) {
      onSaved(before);
      setSaid('');
      setProblem(toApiProblem(thrown));
    } finally {
      setSaving(false);
    }
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const [firstFaulty] = Object.keys(faults);
    if (firstFaulty !== undefined) {
      document.getElementById(`${formId}-${firstFaulty}`)?.focus();
      return;
    }
    void save(fromDraft(fields, draft, pipeline.settings), 'Saved. Runs that start from now on use it.', pipeline.settings);
  }

  function undo(): void {
    if (undoTo === undefined) return;
    setDraft(toDraft(fields, undoTo));
    void save(undoTo, 'Undone. The former settings are back.', undefined);
  }

  return (
    <section className="panel" aria-labelledby={`${formId}-title`}>
      <div className="panel-head">
        <h2 id={`${formId}-title`}>Settings</h2>
      </div>
      {fields.length === 0 ? (
        <Empty icon="pipelines" title="This pipeline has no settings">
          A pipeline declares them under settings; each becomes a field here.
        </Empty>
      ) : (
        <form className="panel-body stack" onSubmit={submit} noValidate>
          {fields.map((field) => (
            <SettingInput
              key={field.name}
              id={`${formId}-${field.name}`}
              field={field}
              value={draft[field.name] ?? ''}
              fault={faults[field.name] ?? faultFromHub(problem, field.name)}
              onChange={(value) => {
                setDraft({ ...draft, [field.name]: value });
                setSaid('');
                setProblem(undefined);
              }}
            />
          ))}
          {problem === undefined ? null : <Problem problem={problem} isPlaceShown />}
          <div className="row">
            <button type="submit" className="button button-main" disabled={!isChanged || isSaving}>
              {isSaving ? 'Saving…' : 'Save'}
            </button>
            {isChanged && !isSaving ? (
              <button type="button" className="button button-quiet" onClick={() => setDraft(saved)}>
                Discard
              </button>
            ) : null}
            {undoTo === undefined || isChanged ? null : (
              <button type="button" className="button" onClick={undo} disabled={isSaving}>
                <Icon name="undo" />
                Undo
              </button>
            )}
          </div>
          <p className="small settings-said" role="status">
            {said === '' || isChanged ? '' : said}
          </p>
        </form>
      )}
    </section>
  );
}

function faultFromHub(problem: ApiProblem | undefined, name: string): string | undefined {
  const problems = problem?.details?.['problems'];
  if (!Array.isArray(problems)) return undefined;
  for (const each of problems as readonly unknown[]) {
    if (typeof each !== 'object' || each === null || !('pointer' in each) || !('message' in each)) continue;
    if (each.pointer === `/${name}` && typeof each.message === 'string') return each.message;
  }
  return undefined;
}
