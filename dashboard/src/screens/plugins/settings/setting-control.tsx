import type { ReactNode } from 'react';
import { Icon } from '../../../ui/icon.tsx';
import type { SettingDraft } from './setting-draft.ts';
import type { Setting, SettingLeaf } from './setting-tree.ts';

interface SettingsProps {
  readonly formId: string;
  readonly settings: readonly Setting[];
  readonly draft: SettingDraft;
  readonly faultAt: (setting: Setting) => string | undefined;
  /** Whether a secret is stored. */
  readonly isStored: (pointer: string) => boolean;
  readonly onChange: (pointer: string, typed: string | boolean) => void;
}

/** An input for each setting, objects as groups of inputs. */
export function SettingControls(props: SettingsProps) {
  return props.settings.map((setting) =>
    setting.kind === 'group' ? (
      <fieldset key={setting.pointer} className="setting-group stack">
        <legend className="field-label">{setting.title}</legend>
        {setting.description === '' ? null : <p className="field-hint">{setting.description}</p>}
        <Fault id={`${idOf(props.formId, setting)}-fault`} text={props.faultAt(setting)} />
        <SettingControls {...props} settings={setting.settings} />
      </fieldset>
    ) : (
      <Control key={setting.pointer} {...props} setting={setting} />
    ),
  );
}

/** The id of a setting's input. */
export function idOf(formId: string, { pointer }: Pick<Setting, 'pointer'>): string {
  return `${formId}${encodeURIComponent(pointer)}`;
}

type ControlProps = Omit<SettingsProps, 'settings'> & { readonly setting: SettingLeaf };

function Control(props: ControlProps) {
  const { formId, setting, draft, faultAt, isStored, onChange } = props;
  const id = idOf(formId, setting);
  const fault = faultAt(setting);
  const isRemovable = setting.kind === 'secret' && !setting.isRequired && isStored(setting.pointer);
  const isRemoved = draft[setting.pointer] === false;
  return (
    <div className="field">
      {setting.kind === 'boolean' ? (
        <label className="check">
          <input
            id={id}
            type="checkbox"
            checked={draft[setting.pointer] === true}
            aria-describedby={`${id}-hint ${id}-fault`}
            onChange={(change) => onChange(setting.pointer, change.target.checked)}
          />
          {setting.title}
        </label>
      ) : (
        <>
          <label htmlFor={id}>
            {setting.title}
            {setting.isRequired && setting.pointer !== '' ? <span className="faint"> (needed)</span> : null}
          </label>
          <TypedInput {...props} id={id} isFaulty={fault !== undefined} />
        </>
      )}
      <p id={`${id}-hint`} className="field-hint">
        {hintOf(setting, isStored(setting.pointer), isRemoved)}
      </p>
      <Fault id={`${id}-fault`} text={fault} />
      {isRemovable ? (
        <label className="check small">
          <input type="checkbox" checked={isRemoved} onChange={(change) => onChange(setting.pointer, change.target.checked ? false : '')} />
          Take away the secret that is stored
        </label>
      ) : null}
    </div>
  );
}

function Fault({ id, text }: { readonly id: string; readonly text: string | undefined }): ReactNode {
  return (
    <p id={id} className={text === undefined ? 'visually-hidden' : 'field-fault'}>
      {text === undefined ? null : (
        <>
          <Icon name="alert" isSmall />
          {text}
        </>
      )}
    </p>
  );
}

function hintOf({ kind, description }: SettingLeaf, isStored: boolean, isRemoved: boolean): string {
  const own = {
    list: 'One a line.',
    json: 'As JSON.',
    secret: isStored && !isRemoved ? 'One is stored. Leave this empty to keep it.' : '',
  };
  return [description, kind === 'list' || kind === 'json' || kind === 'secret' ? own[kind] : ''].filter((part) => part !== '').join(' ');
}

function TypedInput({ id, setting, draft, isFaulty, onChange }: ControlProps & { readonly id: string; readonly isFaulty: boolean }) {
  const typed = draft[setting.pointer] ?? '';
  const common = {
    id,
    value: typeof typed === 'string' ? typed : '',
    'aria-describedby': `${id}-hint ${id}-fault`,
    'aria-invalid': isFaulty,
    'aria-required': setting.isRequired,
    onChange: (change: { readonly target: { readonly value: string } }) => onChange(setting.pointer, change.target.value),
  };
  switch (setting.kind) {
    case 'choice':
      return (
        <select className="select" {...common}>
          {setting.isRequired && common.value !== '' ? null : <option value="">Not set</option>}
          {setting.options.map(({ value, title }) => (
            <option key={JSON.stringify(value)} value={JSON.stringify(value)}>
              {title}
            </option>
          ))}
        </select>
      );
    case 'json':
      return <textarea className="input mono" rows={5} spellCheck={false} autoComplete="off" {...common} />;
    case 'list':
      return <textarea className="input" rows={3} spellCheck={false} autoComplete="off" {...common} />;
    case 'secret':
      return <input className="input" type="password" autoComplete="new-password" disabled={typed === false} {...common} />;
    case 'number':
    case 'integer':
      // A text input: a number input hides what was typed wrongly, and steps when one scrolls over it.
      return <input className="input number" type="text" inputMode="decimal" autoComplete="off" {...common} />;
    default:
      return <input className="input" type="text" autoComplete="off" {...common} />;
  }
}
