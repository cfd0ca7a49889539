import { useState } from 'react';
import './imports.css';
import { ApiProblem } from '../../api/api-problem.ts';
import { importsApi } from '../../api/customers/imports.ts';
import type { MappingSuggestion } from '../../api/customers/imports.ts';
import { readShape } from '../../csv/csv-file.ts';
import type { CsvShape } from '../../csv/csv-file.ts';
import { Icon } from '../../ui/icon.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { FileChoice } from './file-choice.tsx';
import { MappingForm } from './mapping-form.tsx';

const SAMPLE_ROWS = 50;

interface Chosen {
  readonly file: File;
  readonly shape: CsvShape;
  /** Missing where the hub made none: then all is said by hand. */
  readonly suggestion: MappingSuggestion | undefined;
}

/** The way from a file to an import: choose, say what columns mean, look at what would come of it, begin. */
export function NewImportScreen() {
  const [chosen, setChosen] = useState<Chosen | undefined>(undefined);
  const [isReading, setReading] = useState(false);
  const [fault, setFault] = useState<string | undefined>(undefined);

  async function choose(file: File): Promise<void> {
    setReading(true);
    setFault(undefined);
    try {
      const shape = await readShape(file);
      if (shape.columns.length === 0) setFault('This file is empty.');
      else if (shape.firstRows.length === 0) setFault('This file has a head, and no row below it.');
      else setChosen({ file, shape, suggestion: await suggest(shape) });
    } catch (thrown) {
      setFault(
        thrown instanceof ApiProblem ? thrown.message : 'This file cannot be read. Is it still where it was, and may the browser open it?',
      );
    } finally {
      setReading(false);
    }
  }

  return (
    <>
      <PageHead
        title="Import a file"
        back={{ href: '/imports', text: 'Imports' }}
        lead="The file is read piece by piece in this browser, and nothing is sent before you have seen what would come of it."
      />
      {chosen === undefined ? (
        <section className="panel panel-body" aria-label="File">
          <FileChoice
            label="Choose a file"
            hint="A CSV file with the names of its columns in the first row: with commas, semicolons or tabs, of any length. You may drop it here."
            isBusy={isReading}
            onChoose={(file) => void choose(file)}
          />
          <div role="alert">
            {fault === undefined ? null : (
              <p className="field-fault">
                <Icon name="alert" isSmall />
                {fault}
              </p>
            )}
          </div>
        </section>
      ) : (
        <MappingForm {...chosen} onOther={() => setChosen(undefined)} />
      )}
    </>
  );
}

async function suggest({ columns, firstRows }: CsvShape): Promise<MappingSuggestion | undefined> {
  try {
    const sample = firstRows
      .filter((row) => row.length === columns.length)
      .slice(0, SAMPLE_ROWS)
      .map((row) => row.map((cell) => cell.slice(0, 200)));
    return await importsApi.suggest(columns, sample);
  } catch {
    return undefined;
  }
}
