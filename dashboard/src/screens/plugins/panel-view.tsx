import type { PanelData, PanelNumber, PanelTable } from '../../api/types.ts';
import { Empty } from '../../ui/empty.tsx';
import { Moment } from '../../ui/moment.tsx';
import { tellFigure, tellShare } from '../../ui/number.ts';
import { PanelChart } from './panel-chart.tsx';

/** What a plugin gave, drawn: text and numbers only, whatever they hold. */
export function PanelView({ title, shown }: { readonly title: string; readonly shown: PanelData }) {
  switch (shown.view) {
    case 'number':
      return <Figure figure={shown.data} />;
    case 'table':
      return shown.data.rows.length === 0 ? <Nothing /> : <Table table={shown.data} />;
    case 'line':
    case 'bar': {
      const series = shown.data.series.filter(({ points }) => points.length > 0);
      return series.length === 0 ? <Nothing /> : <PanelChart title={title} view={shown.view} series={series} />;
    }
    case 'text':
      return shown.data.text.trim() === '' ? <Nothing /> : <p className="plugin-text">{shown.data.text}</p>;
  }
}

function Nothing() {
  return <Empty icon="plug" title="Nothing to show yet" />;
}

function Figure({ figure: { value, label, changeRatio } }: { readonly figure: PanelNumber }) {
  return (
    <div className="plugin-figure">
      <p>
        <span className="number">{tellFigure(value)}</span>
        {changeRatio === undefined ? null : (
          <span className={changeRatio < 0 ? 'plugin-change plugin-change-down' : 'plugin-change'}>
            {changeRatio < 0 ? '−' : '+'}
            {tellShare(Math.abs(changeRatio))}
          </span>
        )}
      </p>
      {label === undefined ? null : <p className="small soft">{label}</p>}
    </div>
  );
}

function Table({ table: { columns, rows } }: { readonly table: PanelTable }) {
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            {columns.map(({ key, title, kind }) => (
              <th key={key} scope="col" className={kind === 'number' ? 'end' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {columns.map(({ key, kind = 'text' }) => (
                <td key={key} className={kind === 'number' ? 'end' : 'wrap-anywhere'}>
                  <Cell kind={kind} value={row[key] ?? null} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ kind, value }: { readonly kind: string; readonly value: PanelTable['rows'][number][string] }) {
  if (value === null) return <span className="faint">–</span>;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (kind === 'instant' && typeof value === 'string' && !Number.isNaN(Date.parse(value))) return <Moment at={value} />;
  return typeof value === 'number' ? tellFigure(value) : value;
}
