/** Why a plugin cannot be created as asked; the message says what to do instead. */
export class CannotCreate extends Error {
  override readonly name = 'CannotCreate';
}
