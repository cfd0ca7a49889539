import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';

interface WindowedListProps<Item extends { readonly id: string }> {
  readonly items: readonly Item[];
  readonly rowHeightPx: number;
  readonly label: string;
  readonly render: (item: Item) => ReactNode;
  /** Called when the reader comes near the end. */
  readonly onNearEnd: () => void;
}

const EXTRA_ROWS = 6;

/** A scrolling list that draws only the rows in view, and holds still when rows are added above what one reads. */
export function WindowedList<Item extends { readonly id: string }>({
  items,
  rowHeightPx,
  label,
  render,
  onNearEnd,
}: WindowedListProps<Item>) {
  const ref = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const firstId = useRef<string | undefined>(undefined);

  useLayoutEffect(() => {
    const element = ref.current;
    const added = firstId.current === undefined ? 0 : items.findIndex((item) => item.id === firstId.current);
    firstId.current = items[0]?.id;
    if (element !== null && element.scrollTop > rowHeightPx / 2 && added > 0) element.scrollTop += added * rowHeightPx;
  }, [items, rowHeightPx]);

  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);

  const from = Math.max(0, Math.floor(view.top / rowHeightPx) - EXTRA_ROWS);
  const to = Math.min(items.length, Math.ceil((view.top + view.height) / rowHeightPx) + EXTRA_ROWS);
  const isNearEnd = items.length > 0 && to >= items.length - 2;
  useEffect(() => {
    if (isNearEnd) onNearEnd();
  }, [isNearEnd, onNearEnd]);

  return (
    <div className="windowed" ref={ref} tabIndex={0} role="region" aria-label={label}>
      <ol className="windowed-inner" style={{ height: `${String(items.length * rowHeightPx)}px` }}>
        {items.slice(from, to).map((item, index) => (
          <li
            key={item.id}
            className="windowed-row"
            aria-posinset={from + index + 1}
            aria-setsize={items.length}
            style={{ height: `${String(rowHeightPx)}px`, top: `${String((from + index) * rowHeightPx)}px` }}
          >
            {render(item)}
          </li>
        ))}
      </ol>
    </div>
  );
}
