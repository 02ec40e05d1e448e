/** There is no folder for temporary files, or nothing can be made in it: for whoever has called codex to put right. */
export class TemporaryFolderError extends Error {
  override readonly name = 'TemporaryFolderError'

  /** @param said what the system says */
  constructor(said: string) {
    super(`The folder for temporary files can't be made: ${said}`)
  }
}
