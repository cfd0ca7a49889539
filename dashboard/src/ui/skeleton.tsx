const WIDTHS = ['62%', '48%', '71%', '55%', '66%', '43%'];

/** Grey lines in the shape of a list while it loads. */
export function SkeletonList({ lines = 8 }: { readonly lines?: number }) {
  return (
    <div className="skeleton-list" role="status">
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} className="skeleton" style={{ width: WIDTHS[index % WIDTHS.length] }} aria-hidden="true" />
      ))}
    </div>
  );
}
