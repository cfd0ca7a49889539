import { existsSync, statSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { readText } from './input.ts';

/** The environments of pipelines, as flags take them. */
export const ENVIRONMENTS = ['development', 'staging', 'production'];

/** The flag of commands that mean a pipeline in one environment. */
export const environmentFlag = {
  environment: Flags.string({ char: 'e', description: 'which environment; production unless given', options: ENVIRONMENTS }),
};

/** A query string of what is given, with its question mark; empty when nothing is. */
export function queryOf(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** Where the API has something of a pipeline. @param rest what comes behind its id, such as `/pause` */
export function pipelineAddress(id: string, rest = '', environment?: string): string {
  return `/v1/pipelines/${encodeURIComponent(id)}${rest}${queryOf({ environment })}`;
}

/** The text of a file, or the id of a deployed pipeline. */
export type MeantPipeline = { readonly source: string; readonly file: string } | { readonly id: string };

const FILE_NAME = /[./\\]|^-$/;

/** What `FILE|ID` means: a file when there is one of this name or when it looks like one, else an id. @throws the file system's error */
export function readMeantPipeline(given: string): MeantPipeline {
  const isFile = FILE_NAME.test(given) || (existsSync(given) && statSync(given).isFile());
  return isFile ? { source: readText(given), file: given } : { id: given };
}

/** The same as the API takes it. */
export function meantOverHttp(meant: MeantPipeline): { readonly source: string } | { readonly id: string } {
  return 'source' in meant ? { source: meant.source } : meant;
}
