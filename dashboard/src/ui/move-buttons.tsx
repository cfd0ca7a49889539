import { Icon } from './icon.tsx';

interface MoveButtonsProps {
  /** What is moved: `field 2`. */
  readonly what: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onMove: (by: 1 | -1) => void;
  readonly onRemove: () => void;
}

/** Moves one of a list up or down, or takes it away. */
export function MoveButtons({ what, isFirst, isLast, onMove, onRemove }: MoveButtonsProps) {
  return (
    <span className="move-buttons">
      <button
        type="button"
        className="button button-quiet button-icon"
        aria-label={`Move ${what} up`}
        disabled={isFirst}
        onClick={() => onMove(-1)}
      >
        <span className="turned-up">
          <Icon name="forward" />
        </span>
      </button>
      <button
        type="button"
        className="button button-quiet button-icon"
        aria-label={`Move ${what} down`}
        disabled={isLast}
        onClick={() => onMove(1)}
      >
        <span className="turned-down">
          <Icon name="forward" />
        </span>
      </button>
      <button type="button" className="button button-quiet button-icon" aria-label={`Remove ${what}`} onClick={onRemove}>
        <Icon name="cross" />
      </button>
    </span>
  );
}

/** A list in which one was moved up or down. */
export function moved<Item>(items: readonly Item[], from: number, by: number): Item[] {
  const all = [...items];
  const taken = all.splice(from, 1);
  all.splice(Math.max(0, from + by), 0, ...taken);
  return all;
}
