const SHOWN: Readonly<Record<string, { readonly place: string; readonly title: string; readonly view: string; readonly data: object }>> = {
  'status_page.components': {
    place: 'overview',
    title: 'Components',
    view: 'table',
    data: {
      columns: [
        { key: 'name', title: 'Component' },
        { key: 'state', title: 'State' },
        { key: 'reportedAt', title: 'Reported', kind: 'instant' },
      ],
      rows: [
        { name: 'Checkout', state: 'up', reportedAt: '2026-01-15T12:00:00Z' },
        { name: '<img src=x onerror=alert(1)>', state: 'down', reportedAt: null },
      ],
    },
  },
  'feedback_box.score': {
    place: 'overview',
    title: 'Average score',
    view: 'number',
    data: { value: 8.25, label: 'of 10, in the last 7 days', changeRatio: -0.04 },
  },
  'feedback_box.scores': {
    place: 'overview',
    title: 'Score by day',
    view: 'line',
    data: {
      series: ['web', 'mail'].map((name, index) => ({
        name,
        points: Array.from({ length: 14 }, (_, day) => ({
          x: `2026-01-${String(day + 1).padStart(2, '0')}`,
          y: 6 + index + Math.sin(day + index),
        })),
      })),
    },
  },
  'feedback_box.counts': {
    place: 'overview',
    title: 'Answers by score',
    view: 'bar',
    data: { series: [{ name: 'Answers', points: [3, 1, 2, 4, 9, 14, 22, 31, 40, 28].map((y, x) => ({ x: String(x + 1), y })) }] },
  },
  'feedback_box.empty': { place: 'overview', title: 'Complaints', view: 'table', data: { columns: [{ key: 'a', title: 'A' }], rows: [] } },
  'feedback_box.said': {
    place: 'person',
    title: 'What they said',
    view: 'text',
    data: { text: 'Score 9: quick answer.\nScore 4: <b>slow</b> delivery.' },
  },
  'salesforce.sync': { place: 'plugin', title: 'Last exchange', view: 'text', data: { text: '1,204 contacts, none failed.' } },
};

/** Panels of a place. */
export function listPanels(query: URLSearchParams): readonly object[] {
  const place = query.get('place');
  const plugin = query.get('plugin');
  return Object.entries(SHOWN)
    .map(([id, { data: _data, ...panel }]) => ({ id, plugin: id.split('.')[0], action: `${id}_data`, ...panel }))
    .filter((panel) => panel.place === place && (plugin === null || plugin === panel.plugin));
}

/** What a panel shows. */
export function showPanel(id: string, query: URLSearchParams): object | undefined {
  const panel = SHOWN[id];
  if (panel === undefined || (panel.place === 'person' && !query.has('subject'))) return undefined;
  return { view: panel.view, data: panel.data };
}
