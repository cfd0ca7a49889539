import { useMemo, useRef } from 'react';
import { prepareMail } from './prepare-mail.ts';

/** The HTML part of a mail in a frame of its own: no scripts, no forms, nothing loaded from outside. */
export function MailPreview({ html }: { readonly html: string }) {
  const ref = useRef<HTMLIFrameElement>(null);
  const prepared = useMemo(() => prepareMail(html), [html]);

  function dress(): void {
    const frame = ref.current;
    const inner = frame?.contentDocument;
    if (frame === null || inner === null || inner === undefined) return;
    // The page's policy forbids inline styles in the frame as well; set through the object model they are allowed.
    for (const element of inner.querySelectorAll<HTMLElement>('[data-mail-style]'))
      element.style.cssText = element.dataset['mailStyle'] ?? '';
    const SheetOfFrame = inner.defaultView?.CSSStyleSheet;
    if (SheetOfFrame !== undefined && prepared.styles.length > 0) {
      inner.adoptedStyleSheets = prepared.styles.map((css) => {
        const sheet = new SheetOfFrame();
        sheet.replaceSync(css);
        return sheet;
      });
    }
    frame.style.height = `${String(Math.max(240, inner.documentElement.scrollHeight))}px`;
  }

  return (
    <>
      {prepared.withheldImages === 0 ? null : (
        <p className="mail-note">Pictures from outside are not loaded here ({prepared.withheldImages}).</p>
      )}
      <iframe
        ref={ref}
        className="mail-frame"
        title="Mail as its reader sees it"
        sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
        srcDoc={prepared.html}
        onLoad={dress}
      />
    </>
  );
}
