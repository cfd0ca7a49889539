import { useId, useState } from 'react';
import type { SubmitEvent } from 'react';
import { formsApi } from '../../api/customers/forms.ts';
import type { Form, FormConsent, FormDefinition } from '../../api/customers/forms.ts';
import { Icon } from '../../ui/icon.tsx';
import { moved } from '../../ui/move-buttons.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { FieldEditor } from './field-editor.tsx';
import { findFormFaults, nextFieldName, withoutEmpty } from './form-draft.ts';
import { FormPreview } from './form-preview.tsx';

interface FormEditorProps {
  readonly form: FormDefinition;
  readonly isNew: boolean;
  readonly onSaved: (form: FormDefinition) => void;
}

/** Fields, consents and looks of a form, with the form as people will see it beside. */
export function FormEditor({ form, isNew, onSaved }: FormEditorProps) {
  const id = useId();
  const [draft, setDraft] = useState<FormDefinition>(() => definitionOf(form));
  const [isIdTyped, setIdTyped] = useState(false);
  const [isTried, setTried] = useState(false);
  const task = useTask();
  const faults = findFormFaults(draft);
  const change = (parts: Partial<FormDefinition>): void => setDraft({ ...draft, ...parts });
  const { fields, consents = [], theme = {} } = draft;

  function save(event: SubmitEvent): void {
    event.preventDefault();
    setTried(true);
    if (faults.length > 0) return;
    void task.run(async () => onSaved(await formsApi.save(withoutEmpty(draft))));
  }
  const text = (key: 'title' | 'introduction' | 'submitLabel' | 'thanks' | 'redirectUrl', label: string) => (
    <div className="field">
      <label htmlFor={`${id}-${key}`}>{label}</label>
      <input
        id={`${id}-${key}`}
        className="input"
        value={draft[key] ?? ''}
        autoComplete="off"
        onChange={(typed) => {
          const value = typed.target.value;
          const slug = key === 'title' && isNew && !isIdTyped ? { id: idOf(value) } : {};
          change({ ...(value === '' && key !== 'title' ? { [key]: '' } : { [key]: value }), ...slug });
        }}
      />
    </div>
  );

  return (
    <form className="columns" onSubmit={save} noValidate>
      <div className="stack">
        <section className="panel panel-body stack form-part" aria-label="Texts">
          {text('title', 'Title')}
          <div className="field">
            <label htmlFor={`${id}-id`}>Address of its page</label>
            <input
              id={`${id}-id`}
              className="input mono"
              value={draft.id}
              readOnly={!isNew}
              autoComplete="off"
              spellCheck={false}
              onChange={(typed) => {
                setIdTyped(true);
                change({ id: typed.target.value });
              }}
            />
          </div>
          {text('introduction', 'Text below the title')}
        </section>
        <section className="panel" aria-label="Fields">
          <div className="panel-head">
            <h2>Fields</h2>
            <button
              type="button"
              className="button"
              onClick={() => change({ fields: [...fields, { name: nextFieldName(fields), type: 'text', label: '' }] })}
            >
              <Icon name="plus" />
              Another field
            </button>
          </div>
          <ol className="field-list">
            {fields.map((field, index) => (
              <FieldEditor
                key={index}
                field={field}
                number={index + 1}
                isFirst={index === 0}
                isLast={index === fields.length - 1}
                onChange={(changed) => change({ fields: fields.map((each, at) => (at === index ? changed : each)) })}
                onMove={(by) => change({ fields: moved(fields, index, by) })}
                onRemove={() => change({ fields: fields.filter((_, at) => at !== index) })}
              />
            ))}
          </ol>
        </section>
        <section className="panel" aria-label="What people may agree to">
          <div className="panel-head">
            <h2>What people may agree to</h2>
            <button type="button" className="button" onClick={() => change({ consents: [...consents, { purpose: '', text: '' }] })}>
              <Icon name="plus" />
              Another
            </button>
          </div>
          <div className="panel-body stack-tight">
            {consents.length === 0 ? (
              <p className="small soft">Nothing: then nobody may be written to for marketing because of this form.</p>
            ) : null}
            {consents.map((consent, index) => (
              <ConsentEditor
                key={index}
                consent={consent}
                number={index + 1}
                onChange={(changed) => change({ consents: consents.map((each, at) => (at === index ? changed : each)) })}
                onRemove={() => change({ consents: consents.filter((_, at) => at !== index) })}
              />
            ))}
            <label className="choice-option">
              <input
                type="checkbox"
                checked={draft.doubleOptIn?.isOn === true}
                onChange={(checked) => change({ doubleOptIn: { ...draft.doubleOptIn, isOn: checked.target.checked } })}
              />
              <span>
                Ask by e-mail whether it was them
                <span className="field-hint choice-hint">Nothing counts before they confirm. A pipeline sends the mail.</span>
              </span>
            </label>
          </div>
        </section>
        <section className="panel panel-body stack form-part" aria-label="Looks and afterwards">
          <div className="field-columns">
            {text('submitLabel', 'The button says')}
            {text('thanks', 'Afterwards people read')}
            {text('redirectUrl', 'Or go to')}
          </div>
          <div className="row form-colours">
            {(['accent', 'background', 'text'] as const).map((key) => (
              <label key={key} className="row small">
                <input
                  type="color"
                  value={theme[key] ?? { accent: '#12734a', background: '#ffffff', text: '#17201b' }[key]}
                  onChange={(typed) => change({ theme: { ...theme, [key]: typed.target.value } })}
                />
                {{ accent: 'Button', background: 'Ground', text: 'Text' }[key]}
              </label>
            ))}
            <label className="row small">
              <input type="checkbox" checked={draft.isOpen !== false} onChange={(checked) => change({ isOpen: checked.target.checked })} />
              Takes answers
            </label>
          </div>
        </section>
        {isTried && faults.length > 0 ? (
          <ul className="stack-tight" role="alert">
            {faults.map((fault) => (
              <li key={fault} className="field-fault">
                <Icon name="alert" isSmall />
                {fault}
              </li>
            ))}
          </ul>
        ) : null}
        {task.problem === undefined ? null : <Problem problem={task.problem} />}
        <div className="row">
          <button type="submit" className="button button-main" disabled={task.isBusy}>
            {task.isBusy ? 'Saving…' : isNew ? 'Make the form' : 'Save'}
          </button>
        </div>
      </div>
      <FormPreview form={draft} />
    </form>
  );
}

interface ConsentEditorProps {
  readonly consent: FormConsent;
  readonly number: number;
  readonly onChange: (consent: FormConsent) => void;
  readonly onRemove: () => void;
}

function ConsentEditor({ consent, number, onChange, onRemove }: ConsentEditorProps) {
  return (
    <div className="consent-edit">
      <input
        className="input"
        aria-label={`Purpose ${String(number)}`}
        placeholder="marketing"
        value={consent.purpose}
        autoComplete="off"
        spellCheck={false}
        onChange={(change) => onChange({ ...consent, purpose: change.target.value })}
      />
      <input
        className="input"
        aria-label={`Text of purpose ${String(number)}`}
        placeholder="What people agree to"
        value={consent.text}
        autoComplete="off"
        onChange={(change) => onChange({ ...consent, text: change.target.value })}
      />
      <label className="row small">
        <input
          type="checkbox"
          checked={consent.isRequired === true}
          onChange={(change) => onChange({ ...consent, isRequired: change.target.checked })}
        />
        needed
      </label>
      <button type="button" className="button button-quiet button-icon" aria-label={`Remove purpose ${String(number)}`} onClick={onRemove}>
        <Icon name="cross" />
      </button>
    </div>
  );
}

/** What is saved of a form that was read: without where it is and its counts. */
function definitionOf(form: FormDefinition & Partial<Form>): FormDefinition {
  const { path: _path, savedAt: _savedAt, counts: _counts, snippet: _snippet, script: _script, warnings: _warnings, ...definition } = form;
  return definition;
}

function idOf(title: string): string {
  return title
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 58);
}
