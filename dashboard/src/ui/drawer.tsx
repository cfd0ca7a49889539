import type { ReactNode } from 'react';
import { Dialog } from './dialog.tsx';
import { Icon } from './icon.tsx';

/** A panel at the side with details of something in a list. */
export function Drawer({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Dialog className="drawer" label={title} onClose={onClose}>
      <div className="drawer-head">
        <h2 className="truncate">{title}</h2>
        <button type="button" className="button button-quiet button-icon" onClick={onClose} aria-label="Close">
          <Icon name="cross" />
        </button>
      </div>
      <div className="drawer-body">{children}</div>
    </Dialog>
  );
}
