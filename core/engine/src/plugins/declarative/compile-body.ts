import { TendrilError } from '@tendril/plugin-api';
import type { Json, JsonObject } from '@tendril/plugin-api';
import { compileMembers, compileTemplate } from './compile-values.ts';
import type { Compute } from './compile-values.ts';
import { forRequest } from './evaluation-failure.ts';
import type { HttpScope } from './http-roots.ts';
import type { RequestSpec } from './request-spec.ts';
import { writeParameters } from './write-query.ts';

/** A body that is ready to be sent. */
export interface Body {
  readonly content: NonNullable<RequestInit['body']>;
  /** Missing where `fetch` knows better: a multipart form has a boundary. */
  readonly contentType?: string;
}

/** @param added members that paging puts in */
export type WriteBody = (scope: HttpScope, added: JsonObject) => Body | undefined;

/** Compiles what a request sends; at most one of `body`, `form`, `text` and `multipart` is there. */
export function compileBody({ body, form, text, multipart }: RequestSpec): WriteBody {
  if (form !== undefined) return formBody(compileMembers(form as JsonObject));
  if (text !== undefined) {
    const compute = compileTemplate(text);
    return (scope) => ({ content: textOf(forRequest('/http/text', () => compute(scope))), contentType: 'text/plain;charset=UTF-8' });
  }
  if (multipart !== undefined) return multipartBody(multipart);
  return jsonBody(body === undefined ? () => undefined : compileTemplate(body as Json));
}

function jsonBody(compute: Compute): WriteBody {
  return (scope, added) => {
    const value = forRequest('/http/body', () => compute(scope));
    const isPaged = Object.keys(added).length > 0;
    if (value === undefined && !isPaged) return undefined;
    const whole = isPaged && (value === undefined || isObject(value)) ? { ...value, ...added } : value;
    return { content: JSON.stringify(whole), contentType: 'application/json' };
  };
}

function formBody(compute: Compute<JsonObject>): WriteBody {
  return (scope, added) => {
    const parameters = new URLSearchParams();
    writeParameters(parameters, { ...forRequest('/http/form', () => compute(scope)), ...added });
    return { content: parameters.toString(), contentType: 'application/x-www-form-urlencoded' };
  };
}

function multipartBody(parts: JsonObject): WriteBody {
  const compute = compileMembers(parts);
  const files = new Set(Object.keys(parts).filter((name) => isObject(parts[name] ?? null)));
  return (scope) => {
    const form = new FormData();
    for (const [name, part] of Object.entries(forRequest('/http/multipart', () => compute(scope)) ?? {})) {
      if (part === null || part === undefined) continue;
      if (!files.has(name)) form.append(name, typeof part === 'object' ? JSON.stringify(part) : String(part));
      // A file whose name reads a field that is not there is left out.
      else if (isObject(part) && typeof part['fileName'] === 'string') form.append(name, fileOf(name, part), fileNameOf(part['fileName']));
    }
    return { content: form };
  };
}

function fileOf(name: string, { contentType, base64, text }: JsonObject): Blob {
  const type = typeof contentType === 'string' ? contentType : 'application/octet-stream';
  if (typeof base64 !== 'string') return new Blob([textOf(text)], { type });
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(base64))
    throw new TendrilError('ACTION_INPUT_INVALID', { part: `/http/multipart/${name}/base64`, reason: 'is not base64' });
  return new Blob([Buffer.from(base64, 'base64')], { type });
}

/** Only its last part, without what would end the header. */
function fileNameOf(name: string): string {
  return name.replace(/^.*[/\\]/, '').replace(/[\r\n"]/g, '_');
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
