/** This machine has nothing of the kind: no sensor, no file of that name. Not a failure; doctor names the reason. */
export class NothingToRead extends Error {
  override readonly name = 'NothingToRead';
  readonly code = 'nothing-to-read';
}
