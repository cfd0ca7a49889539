import { textsOf } from '../definition.ts';
import type { Definition } from '../definition.ts';
import { compileExpression, splitTemplate } from '../../expressions/index.ts';

/** Every field name that any text of the pipeline reads, each taken as a condition and as a text with `${{ }}`. */
export function fieldsReadBy(definition: Definition): ReadonlySet<string> {
  const fields = new Set<string>();
  for (const text of textsOf(definition)) for (const field of fieldsOf(text)) fields.add(field);
  return fields;
}

function fieldsOf(text: string): readonly string[] {
  const sources = text.includes('${{')
    ? splitTemplate(text).parts.flatMap((part) => ('expression' in part ? [part.expression] : []))
    : [text];
  return sources.flatMap((source) => {
    const compiled = source.length > 0 ? compileExpression(source) : undefined;
    return compiled !== undefined && 'expression' in compiled ? [...compiled.expression.reading.fields] : [];
  });
}
