import { useEffect, useRef } from 'react';
import type { MouseEvent, ReactNode } from 'react';

interface DialogProps {
  readonly className: 'dialog' | 'dialog dialog-wide' | 'drawer';
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A modal dialog while it is mounted; Escape and a click beside it close it, and the focus goes back to where it was. */
export function Dialog({ className, label, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    if (dialog?.open === false) dialog.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);

  function closeIfBeside(event: MouseEvent): void {
    if (event.target === ref.current) onClose();
  }
  return (
    <dialog
      ref={ref}
      className={className}
      aria-label={label}
      onClick={closeIfBeside}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      {children}
    </dialog>
  );
}
