import { useId, useState } from 'react';
import type { SubmitEvent } from 'react';
import { AGGREGATES, traitsApi } from '../../api/customers/segments.ts';
import type { ComputedTrait, DefinitionSaved, TraitDefinition } from '../../api/customers/segments.ts';
import { useKnownNames } from '../../api/customers/use-known-names.ts';
import { Drawer } from '../../ui/drawer.tsx';
import { NameInput } from '../../ui/name-input.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useTask } from '../../ui/use-task.ts';
import { ConditionFault, readFault } from '../segments/condition-fault.tsx';
import { WAYS, tellTrait } from './trait-words.ts';

interface TraitEditorProps {
  /** Missing for a new one. */
  readonly trait: ComputedTrait | undefined;
  readonly onClose: () => void;
  readonly onSaved: (saved: DefinitionSaved) => void;
}

/** A computed trait as it is being written. */
export function TraitEditor({ trait, onClose, onSaved }: TraitEditorProps) {
  const id = useId();
  const names = useKnownNames();
  const [name, setName] = useState(trait?.name ?? '');
  const [title, setTitle] = useState(trait?.title ?? '');
  const [event, setEvent] = useState(trait?.trait.event ?? '');
  const [aggregate, setAggregate] = useState<TraitDefinition['aggregate']>(trait?.trait.aggregate ?? 'count');
  const [property, setProperty] = useState(trait?.trait.property ?? '');
  const [window, setWindow] = useState(trait?.trait.window ?? '');
  const [where, setWhere] = useState(trait?.trait.where ?? '');
  const task = useTask();
  const { needsProperty } = WAYS[aggregate];
  const definition: TraitDefinition = {
    event: event.trim(),
    aggregate,
    ...(needsProperty ? { property: property.trim() } : {}),
    ...(window.trim() === '' ? {} : { window: window.trim() }),
    ...(where.trim() === '' ? {} : { where: where.trim() }),
  };
  const isNameGood = /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name);
  const isWindowGood = /^(|[0-9]{1,7}[mhd]|ever)$/.test(window.trim());
  const isWhole = isNameGood && isWindowGood && definition.event !== '' && (!needsProperty || definition.property !== '');
  const properties = names.events.find((each) => each.name === event)?.properties.map((each) => each.name) ?? [];
  const fault = readFault(task.problem, where);

  function save(submitted: SubmitEvent): void {
    submitted.preventDefault();
    void task.run(async () => {
      onSaved(await traitsApi.save({ name, trait: definition, ...(title.trim() === '' ? {} : { title: title.trim() }) }));
      onClose();
    });
  }

  return (
    <Drawer title={trait === undefined ? 'New computed trait' : trait.name} onClose={onClose}>
      <form className="stack" onSubmit={save} noValidate>
        <div className="field">
          <label htmlFor={`${id}-name`}>Name of the trait</label>
          <input
            id={`${id}-name`}
            className="input mono"
            value={name}
            readOnly={trait !== undefined}
            autoComplete="off"
            spellCheck={false}
            placeholder="orders_30d"
            aria-invalid={name !== '' && !isNameGood}
            aria-describedby={`${id}-hint`}
            onChange={(change) => setName(change.target.value)}
          />
          <p id={`${id}-hint`} className={name !== '' && !isNameGood ? 'field-fault' : 'field-hint'}>
            Letters, digits and _, beginning with a letter.
          </p>
        </div>
        <div className="field">
          <label htmlFor={`${id}-title`}>Title</label>
          <input
            id={`${id}-title`}
            className="input"
            value={title}
            autoComplete="off"
            onChange={(change) => setTitle(change.target.value)}
          />
        </div>
        <NameInput
          label="Event"
          value={event}
          names={names.events.map((each) => each.name)}
          placeholder="Order Completed"
          onChange={setEvent}
        />
        <label className="field">
          <span className="field-label">What it shows</span>
          <select
            className="select"
            value={aggregate}
            onChange={(change) => setAggregate(AGGREGATES.find((each) => each === change.target.value) ?? 'count')}
          >
            {AGGREGATES.map((each) => (
              <option key={each} value={each}>
                {WAYS[each].text}
              </option>
            ))}
          </select>
        </label>
        {needsProperty ? (
          <NameInput label="Property" value={property} names={properties} placeholder="total" onChange={setProperty} />
        ) : null}
        <div className="field">
          <label htmlFor={`${id}-window`}>How far back</label>
          <input
            id={`${id}-window`}
            className="input"
            value={window}
            autoComplete="off"
            placeholder="ever"
            list={`${id}-windows`}
            aria-invalid={!isWindowGood}
            aria-describedby={`${id}-window-hint`}
            onChange={(change) => setWindow(change.target.value)}
          />
          <datalist id={`${id}-windows`}>
            {['7d', '30d', '90d', '365d', '12h'].map((each) => (
              <option key={each} value={each} />
            ))}
          </datalist>
          <p id={`${id}-window-hint`} className={isWindowGood ? 'field-hint' : 'field-fault'}>
            A number with m, h or d, such as 30d; ever when it is empty.
          </p>
        </div>
        <div className="field">
          <label htmlFor={`${id}-where`}>Only events where (CEL)</label>
          <input
            id={`${id}-where`}
            className="input mono"
            value={where}
            autoComplete="off"
            spellCheck={false}
            placeholder="properties.total > 50"
            onChange={(change) => setWhere(change.target.value)}
          />
          {fault === undefined ? null : (
            <ConditionFault
              condition={where}
              fault={fault}
              onReplace={setWhere}
              onShow={() => document.getElementById(`${id}-where`)?.focus()}
            />
          )}
        </div>
        {isWhole ? <p className="small soft wrap-anywhere">Each person has: {tellTrait(definition)}.</p> : null}
        {task.problem === undefined || fault !== undefined ? null : <Problem problem={task.problem} />}
        <div className="row">
          <button type="submit" className="button button-main" disabled={!isWhole || task.isBusy}>
            {task.isBusy ? 'Saving…' : 'Save'}
          </button>
          <span className="small soft">
            {trait === undefined ? 'The log is read once for it.' : 'Values of the definition before stay until the new ones are there.'}
          </span>
        </div>
      </form>
    </Drawer>
  );
}
