/** The file of a pipeline, to read, with line numbers. */
export function Source({ source }: { readonly source: string }) {
  const lines = source.replace(/\n$/, '').split('\n');
  return (
    <section className="panel source" aria-labelledby="source-title">
      <div className="panel-head">
        <h2 id="source-title">Source</h2>
        <span className="small faint">read only; change the file and deploy it</span>
      </div>
      <pre className="source-code" tabIndex={0} role="group" aria-label="Source of the pipeline">
        <code>
          {lines.map((line, index) => (
            <span key={index} className="source-line">
              {paint(line)}
              {'\n'}
            </span>
          ))}
        </code>
      </pre>
    </section>
  );
}

const COMMENT = /^\s*#/;
const KEY = /^(\s*(?:- )?)([\w.$-]+)(:)(\s.*)?$/;

function paint(line: string) {
  if (COMMENT.test(line)) return <span className="source-comment">{line}</span>;
  const match = KEY.exec(line);
  if (match === null) return line;
  const [, indent = '', key = '', colon = '', rest = ''] = match;
  return (
    <>
      {indent}
      <span className="source-key">{key}</span>
      {colon}
      {rest}
    </>
  );
}
