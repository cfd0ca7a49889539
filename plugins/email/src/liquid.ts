import { TendrilError } from '@tendril/plugin-api';
import type { Liquid } from 'liquidjs';

/** Part of a mail that is rendered. In `html` values are escaped unless a template says `raw`. */
export type Part = 'subject' | 'html' | 'text';

const MOST_SOURCE_CHARACTERS = 200_000;
const MOST_RENDER_MS = 1_000;
const MOST_MEMORY = 5_000_000;

let engines: Promise<{ readonly escaping: Liquid; readonly plain: Liquid }> | undefined;

/** @throws TendrilError INPUT_INVALID with the part, and the line where it is known, when it is no Liquid */
export async function parsePart(part: Part, source: string): Promise<void> {
  const engine = await engineOf(part);
  try {
    engine.parse(source);
  } catch (error) {
    throw refusal(part, error);
  }
}

/**
 * Renders one part. A variable that is not there is an error, except under `if` and `default`. No file, include or
 * prototype can be reached, and time and memory are limited.
 *
 * @throws TendrilError INPUT_INVALID with the part, and the line where it is known
 */
export async function renderPart(part: Part, source: string, values: object): Promise<string> {
  const engine = await engineOf(part);
  try {
    return String(await engine.parseAndRender(source, values));
  } catch (error) {
    throw refusal(part, error);
  }
}

async function engineOf(part: Part): Promise<Liquid> {
  engines ??= createEngines();
  const { escaping, plain } = await engines;
  return part === 'html' ? escaping : plain;
}

async function createEngines(): Promise<{ readonly escaping: Liquid; readonly plain: Liquid }> {
  const { Liquid } = await import('liquidjs');
  const options = {
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    ownPropertyOnly: true,
    // With templates of its own the engine has no file system; there are none.
    templates: {},
    parseLimit: MOST_SOURCE_CHARACTERS,
    renderLimit: MOST_RENDER_MS,
    memoryLimit: MOST_MEMORY,
  };
  return { escaping: new Liquid({ ...options, outputEscape: 'escape' }), plain: new Liquid(options) };
}

/** Liquid's messages quote the template, and may quote values: only the line and the first name are passed on. */
function refusal(part: Part, error: unknown): TendrilError {
  const message = error instanceof Error ? error.message : '';
  const line = /line:(\d+)/.exec(message)?.[1];
  const missing = /^undefined variable: ([\w.[\]]+)/.exec(message)?.[1];
  return new TendrilError('INPUT_INVALID', {
    field: part,
    reason: missing === undefined ? 'not a template that can be rendered' : 'a variable is missing',
    ...(missing === undefined ? {} : { variable: missing }),
    ...(line === undefined ? {} : { line: Number(line) }),
  });
}
