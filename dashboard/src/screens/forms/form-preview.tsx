import { useEffect, useRef } from 'react';
import type { FormDefinition, FormField } from '../../api/customers/forms.ts';

/** The form about as people will see it; nothing in it can be sent. */
export function FormPreview({ form }: { readonly form: FormDefinition }) {
  const ref = useRef<HTMLDivElement>(null);
  const { accent = '#12734a', background = '#ffffff', text = '#17201b' } = form.theme ?? {};
  useEffect(() => {
    ref.current?.style.setProperty('--form-accent', accent);
    ref.current?.style.setProperty('--form-on-accent', contrastOf(accent));
    ref.current?.style.setProperty('--form-ground', background);
    ref.current?.style.setProperty('--form-text', text);
  }, [accent, background, text]);
  return (
    <section className="panel form-preview" aria-labelledby="preview-title">
      <div className="panel-head">
        <h2 id="preview-title">As people see it</h2>
      </div>
      {/* Not reachable: it is a picture of the form, and the form itself is beside. */}
      <div className="form-paper" ref={ref} inert aria-hidden="true">
        <p className="form-paper-title">{form.title || 'Title'}</p>
        {form.introduction === undefined || form.introduction === '' ? null : <p>{form.introduction}</p>}
        {form.fields
          .filter(({ type }) => type !== 'hidden')
          .map((field) => (
            <PreviewField key={field.name} field={field} />
          ))}
        {(form.consents ?? []).map(({ purpose, text: words, isRequired }) => (
          <span key={purpose} className="form-paper-check">
            <input type="checkbox" readOnly checked={false} tabIndex={-1} />
            <span>
              {words}
              {isRequired === true ? ' *' : ''}
            </span>
          </span>
        ))}
        <span className="form-paper-button">{form.submitLabel || 'Send'}</span>
      </div>
    </section>
  );
}

function PreviewField({ field }: { readonly field: FormField }) {
  const label = `${field.label || field.name}${field.isRequired === true ? ' *' : ''}`;
  if (field.type === 'checkbox')
    return (
      <span className="form-paper-check">
        <input type="checkbox" readOnly checked={false} tabIndex={-1} />
        <span>{label}</span>
      </span>
    );
  return (
    <span className="form-paper-field">
      <span>{label}</span>
      <span className={`form-paper-input${field.type === 'textarea' ? ' is-long' : ''}`}>
        {field.type === 'select' ? `${field.options?.[0]?.label ?? field.options?.[0]?.value ?? ''} ▾` : (field.placeholder ?? '')}
      </span>
    </span>
  );
}

/** Black or white, whichever can be read on a colour. @see WCAG 2.2, relative luminance */
function contrastOf(colour: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return luminance > 0.179 ? '#000000' : '#ffffff';
}
