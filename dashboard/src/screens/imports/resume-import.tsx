import { useState } from 'react';
import { importsApi } from '../../api/customers/imports.ts';
import type { Import } from '../../api/customers/imports.ts';
import { toApiProblem } from '../../api/api-problem.ts';
import { readShape } from '../../csv/csv-file.ts';
import { Icon } from '../../ui/icon.tsx';
import { tellCount } from '../../ui/number.ts';
import { FileChoice } from './file-choice.tsx';
import { startImport } from './import-runner.ts';
import { recallFile, rememberFile, whyNotTheSame } from './remembered-file.ts';

/** Goes on with an import that was broken off, with the same file. */
export function ResumeImport({ of }: { readonly of: Import }) {
  const [isReading, setReading] = useState(false);
  const [fault, setFault] = useState<string | undefined>(undefined);

  async function choose(file: File): Promise<void> {
    setReading(true);
    setFault(undefined);
    try {
      const shape = await readShape(file);
      const reason = whyNotTheSame(of, file, shape, recallFile(of.id));
      if (reason !== undefined) {
        setFault(`${reason} Choose ${of.fileName ?? 'the same file'} as it was.`);
        return;
      }
      // Another tab may have sent more of it meanwhile.
      const now = await importsApi.get(of.id);
      rememberFile(of.id, { name: file.name, sizeBytes: file.size, fingerprint: shape.fingerprint });
      startImport(now, file, shape);
    } catch (thrown) {
      setFault(thrown instanceof DOMException ? 'This file cannot be read. Is it still where it was?' : toApiProblem(thrown).message);
    } finally {
      setReading(false);
    }
  }

  return (
    <section className="panel panel-body" aria-label="Go on">
      <FileChoice
        label="Go on with the file"
        hint={`Choose ${of.fileName ?? 'the same file'} again. It goes on at row ${tellCount(of.nextRow)}; what came already does not count twice.`}
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
  );
}
