/** The sign of Tendril: a shoot that curls as it finds its hold. */
export function Brand() {
  return (
    <svg className="brand-sign" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect className="brand-ground" width="32" height="32" rx="9" />
      <path className="brand-shoot" d="M9 26c0-9 3-13 8-13 4 0 6-2.6 6-5.2S21.2 4 19 4s-3.6 1.5-3.6 3.5S16.800 10.5 18.5 10.5" />
      <path className="brand-leaf" d="M11 19.5c4.5-2.2 8.5-.8 10.5 3.5-4.800 1.700-8.5.4-10.5-3.5z" />
    </svg>
  );
}
