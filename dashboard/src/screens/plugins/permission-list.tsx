/** Permissions, a sentence each, as the hub words them. */
export function PermissionList({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return <p className="small soft">It asks for nothing beyond the input of its own actions.</p>;
  return (
    <ul className="permissions">
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
