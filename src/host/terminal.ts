/** Ctrl-Z, as a terminal in raw mode sends it. */
const SUSPEND = '\u001A'

/**
 * Gives keys one by one as they are pressed, for as long as the function that it returns is not called. The terminal is as it
 * was before whenever the process is not there to listen: at its end, whichever that is, and while it is stopped.
 */
export function readKeys(onKey: (key: string) => void): () => void {
  const { stdin } = process
  const raw = (on: boolean): void => {
    stdin.setRawMode(on)
  }
  const restore = (): void => raw(false)
  const resume = (): void => raw(true)
  const onData = (keys: string): void => {
    for (const key of keys) {
      if (key === SUSPEND) suspend(restore)
      else onKey(key)
    }
  }
  raw(true)
  stdin.setEncoding('utf8').on('data', onData).resume()
  process.on('SIGCONT', resume)
  process.on('exit', restore)
  return () => {
    restore()
    stdin.off('data', onData).pause()
    process.off('SIGCONT', resume)
    process.off('exit', restore)
  }
}

/** As the terminal does where it is not in raw mode: everything that the shell has started together stops. */
function suspend(restore: () => void): void {
  restore()
  process.kill(0, 'SIGTSTP')
}

/** Calls back whenever the process goes on after it was stopped. */
export function onContinued(callback: () => void): () => void {
  process.on('SIGCONT', callback)
  return () => process.off('SIGCONT', callback)
}

/** Calls back once nobody reads any more what is printed. */
export function onUnread(callback: () => void): () => void {
  process.stdout.on('error', callback)
  return () => process.stdout.off('error', callback)
}
