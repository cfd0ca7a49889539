import { TendrilError } from '@tendril/plugin-api';
import type { RouteHandler } from '@tendril/plugin-api';
import { checkName, readComponents } from './components.ts';
import type { Component, Settings } from './components.ts';

/** The public page. Tendril serves it in a sandbox: without scripts, cookies or anything from elsewhere. */
export const answerPage: RouteHandler<object, string, Settings> = async (_request, call) => {
  const rows = (await readComponents(call)).map(
    ({ name, state, note }) => `<tr><td>${escape(name)}</td><td>${state}</td><td>${escape(note)}</td></tr>`,
  );
  const heading = escape(call.settings.heading);
  const table = rows.length === 0 ? '<p>Nothing has been reported yet.</p>' : `<table>${rows.join('')}</table>`;
  return {
    headers: { 'content-type': 'text/html', 'cache-control': 'public, max-age=30' },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${heading}</title><h1>${heading}</h1>${table}</html>`,
  };
};

/** One component, for machines. */
export const answerComponent: RouteHandler<object, Component, Settings> = async ({ parameters }, call) => {
  const row = await call.table<Component>('components').get(checkName(parameters['component']));
  if (row === undefined) throw new TendrilError('NOT_FOUND', { component: parameters['component'] });
  return { body: row.value };
};

/** What a monitor reports. It is on disk when the monitor gets its answer. */
export const takeReport: RouteHandler<{ readonly state: Component['state']; readonly note?: string }, Component, Settings> = async (
  { parameters, input },
  call,
) => {
  const { state, note = '' } = input;
  const component: Component = {
    name: checkName(parameters['component']),
    state,
    note,
    reportedAt: new Date(call.clock.now()).toISOString(),
  };
  call.changes.put('components', component);
  return { body: component };
};

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
