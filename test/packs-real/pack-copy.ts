import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { parse } from 'yaml'

/** Absolute path of the repository that the tests are part of. */
export const REPOSITORY: string = fileURLToPath(new URL('../..', import.meta.url))
/** What a run leaves behind; a copy starts without it. */
const RESULTS = new Set(['artifacts', 'build', 'site'])

interface Command {
  readonly id: string
  readonly run: string
}

interface Definition {
  readonly env?: Readonly<Record<string, string>>
  readonly steps?: readonly Command[]
  readonly acceptance: Readonly<Record<string, readonly Command[]>>
}

/** What a command printed, on both streams, and how it ended. */
interface Ended {
  readonly exitCode: number
  readonly output: string
}

/** A pack in a workspace of its own, free to be broken. */
export interface PackCopy {
  /** Absolute path of the workspace. */
  readonly workspace: string
  /** Absolute path of the pack's folder. */
  readonly folder: string
  /** Runs one command of the task.yml by its id, as its author wrote it. */
  run(id: string): Promise<Ended>
  /** Runs the commands one after the other and fails unless each exits with 0. */
  pass(...ids: readonly string[]): Promise<void>
  read(path: string): string
  write(path: string, text: string): void
  /** Replaces a text that has to be there as `String.replace` does. */
  edit(path: string, from: string | RegExp, to: string): void
  remove(path: string): void
  /** The same workspace once more, results included. */
  copy(): PackCopy
  dispose(): void
}

/** Copies a pack of task-packs as it is in the repository; the packages of the repository are linked, not copied. */
export function copyPack(name: string): PackCopy {
  const workspace = temporaryFolder()
  const source = join(REPOSITORY, 'task-packs', name)
  cpSync(source, join(workspace, 'task-packs', name), {
    recursive: true,
    filter: (path) => dirname(path) !== source || !RESULTS.has(path.slice(source.length + 1)),
  })
  symlinkSync(join(REPOSITORY, 'node_modules'), join(workspace, 'node_modules'))
  return packCopy(workspace, name)
}

function packCopy(workspace: string, name: string): PackCopy {
  const folder = join(workspace, 'task-packs', name)
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const run = (id: string): Promise<Ended> => runCommand(folder, id)
  return {
    workspace,
    folder,
    run,
    read,
    write,
    pass: async (...ids) => {
      for (const id of ids) {
        const { exitCode, output } = await run(id)
        if (exitCode !== 0) throw new Error(`${id} exits with ${exitCode}: ${output}`)
      }
    },
    edit: (path, from, to) => {
      const before = read(path)
      const after = before.replace(from, () => to)
      if (after === before) throw new Error(`${path} does not hold ${String(from)}`)
      write(path, after)
    },
    remove: (path) => rmSync(join(folder, path), { recursive: true }),
    copy: () => {
      const other = temporaryFolder()
      cpSync(workspace, other, { recursive: true, verbatimSymlinks: true })
      return packCopy(other, name)
    },
    dispose: () => rmSync(workspace, { recursive: true, force: true }),
  }
}

function temporaryFolder(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), 'pack '))
}

async function runCommand(folder: string, id: string): Promise<Ended> {
  const definition = parse(readFileSync(join(folder, 'task.yml'), 'utf8')) as Definition
  const commands = [...(definition.steps ?? []), ...Object.values(definition.acceptance).flat()]
  const command = commands.find((candidate) => candidate.id === id)
  if (!command) throw new Error(`no command ${id} in ${commands.map((candidate) => candidate.id).join(', ')}`)
  const { exitCode, all } = await execa('sh', ['-ec', command.run], {
    cwd: folder,
    reject: false,
    all: true,
    stdin: 'ignore',
    env: { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TZ: 'UTC', SOURCE_DATE_EPOCH: '315532800', ...definition.env },
  })
  return { exitCode: exitCode ?? -1, output: all }
}
