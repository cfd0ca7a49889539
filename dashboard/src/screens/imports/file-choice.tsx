import { useId, useState } from 'react';
import type { DragEvent } from 'react';
import { Icon } from '../../ui/icon.tsx';

interface FileChoiceProps {
  readonly label: string;
  readonly hint: string;
  readonly isBusy?: boolean;
  readonly onChoose: (file: File) => void;
}

/** A place to choose a file or to drop it. */
export function FileChoice({ label, hint, isBusy = false, onChoose }: FileChoiceProps) {
  const id = useId();
  const [isOver, setOver] = useState(false);
  function drop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files.item(0);
    if (file !== null) onChoose(file);
  }
  return (
    <div
      className={`file-choice${isOver ? ' is-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="upload" />
      <label htmlFor={id} className="button button-main">
        {isBusy ? 'Reading…' : label}
      </label>
      <input
        id={id}
        className="visually-hidden"
        type="file"
        accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values,text/plain"
        aria-describedby={`${id}-hint`}
        disabled={isBusy}
        onChange={(change) => {
          const file = change.target.files?.item(0);
          change.target.value = '';
          if (file !== null && file !== undefined) onChoose(file);
        }}
      />
      <p id={`${id}-hint`} className="small soft">
        {hint}
      </p>
    </div>
  );
}
