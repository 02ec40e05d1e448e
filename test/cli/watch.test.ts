import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI, codex, placeFor, putFiles, type Files, type Place } from '../support/cli.ts'
import { pack, task } from '../support/tasks.ts'
import { atTerminal, Program, save, watching, type Line, type Told } from '../support/watching.ts'

const TWO: Files = { ...pack('a'), ...pack('b', { needs: ['a'] }) }

const taskOf = (place: Place, id: string): string => join(place.root, `task-packs/${id}/task.yml`)

/** Codes and files of complaints. */
const told = (complaints: readonly Told[] | undefined): readonly string[] =>
  (complaints ?? []).map(({ code, location }) => `${location?.file ?? '-'} ${code}`)

/** Saves what is sure to be told of, so that whatever was done before it has been heard. */
async function mark(place: Place, program: Program, id = 'b'): Promise<Line> {
  appendFileSync(taskOf(place, id), '# mark\n')
  return program.lineOf('validated')
}

/** Passes over what is still told of what was done before. */
async function catchUp(place: Place, program: Program): Promise<void> {
  let line = await mark(place, program)
  while (!line.changed?.includes('task-packs/b/task.yml')) line = await program.lineOf('validated')
}

/** An editor saves in less than this, in milliseconds, or what it has done by then is a save of its own. */
const ONE_SAVE = 40

/** Edits files as one save: once more where the machine stood still in the middle of it. */
async function asOneSave(place: Place, program: Program, edit: (attempt: number) => void): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const start = performance.now()
    edit(attempt)
    if (performance.now() - start < ONE_SAVE) return
    await catchUp(place, program)
  }
}

describe('codex validate --watch', () => {
  it('tells what is wrong after a save, and what is fixed after the next', async () => {
    const place = placeFor(TWO)
    const { program, first } = await watching(place)
    expect(first).toMatchObject({ valid: true, packs: 2, actions: 6, diagnostics: [] })
    appendFileSync(taskOf(place, 'a'), 'stpes: []\n')
    const wrong = await program.line()
    expect(wrong).toMatchObject({ valid: false, actions: null, changed: ['task-packs/a/task.yml'], fixed: [] })
    expect(told(wrong.appeared)).toEqual(['task-packs/a/task.yml unknown-key'])
    save(place, 'task-packs/a/task.yml', task('a'))
    const right = await program.line()
    expect(right).toMatchObject({ valid: true, appeared: [], diagnostics: [] })
    expect(told(right.fixed)).toEqual(['task-packs/a/task.yml unknown-key'])
    program.child.kill('SIGINT')
    expect(await program.ended()).toBe(0)
    expect(program.errors).toBe('')
  })

  it('says nothing of a touch, nor of a save without a change', async () => {
    const place = placeFor(TWO)
    const { program } = await watching(place)
    await asOneSave(place, program, () => {
      utimesSync(taskOf(place, 'a'), 1, 1)
      writeFileSync(taskOf(place, 'a'), readFileSync(taskOf(place, 'a')))
      cpSync(taskOf(place, 'a'), `${taskOf(place, 'a')}.new`)
      renameSync(`${taskOf(place, 'a')}.new`, taskOf(place, 'a'))
    })
    expect(await mark(place, program)).toMatchObject({ changed: ['task-packs/b/task.yml'] })
  })

  it('gives one verdict for a save as vim, emacs and others do it', async () => {
    const place = placeFor(TWO)
    const { program } = await watching(place)
    const file = taskOf(place, 'a')
    const folder = join(place.root, 'task-packs/a')
    // vim: tries whether it may make files, keeps the old file aside, and touches the new one.
    await asOneSave(place, program, (attempt) => {
      writeFileSync(join(folder, '.task.yml.swp'), 'x')
      writeFileSync(join(folder, '4913'), '')
      rmSync(join(folder, '4913'))
      renameSync(file, `${file}~`)
      writeFileSync(file, task('a', { title: `Vim ${attempt}` }))
      utimesSync(file, 2, 2)
      rmSync(`${file}~`)
      rmSync(join(folder, '.task.yml.swp'))
    })
    expect(await program.line()).toMatchObject({ valid: true, changed: ['task-packs/a/task.yml'] })
    // emacs: a link that leads nowhere while the file is edited, and an auto-save.
    await asOneSave(place, program, (attempt) => {
      symlinkSync('me@host.1234:5678', join(folder, '.#task.yml'))
      writeFileSync(join(folder, '#task.yml#'), 'x')
      renameSync(file, `${file}~`)
      writeFileSync(file, task('a', { title: `Emacs ${attempt}` }))
      rmSync(join(folder, '#task.yml#'))
      rmSync(join(folder, '.#task.yml'))
      rmSync(`${file}~`)
    })
    expect(await program.line()).toMatchObject({ valid: true, changed: ['task-packs/a/task.yml'] })
    // Many others: a whole new file over the old one.
    save(place, 'task-packs/a/task.yml', task('a', { title: 'Atomic' }))
    expect(await program.line()).toMatchObject({ valid: true, changed: ['task-packs/a/task.yml'] })
    expect(await mark(place, program)).toMatchObject({ changed: ['task-packs/b/task.yml'] })
  })

  it('hears of packs that are new, renamed, moved and deleted', async () => {
    const place = placeFor(TWO)
    const { program } = await watching(place)
    putFiles(place.root, pack('c', { needs: ['b'] }))
    await program.verdict({ valid: true, packs: 3 })
    // In a folder that was made a moment ago.
    appendFileSync(taskOf(place, 'c'), 'x: 1\n')
    expect(told((await program.line()).appeared)).toEqual(['task-packs/c/task.yml unknown-key'])
    mkdirSync(join(place.root, 'solutions/deep'), { recursive: true })
    renameSync(join(place.root, 'task-packs/c'), join(place.root, 'solutions/deep/c'))
    const moved = await program.line()
    expect(told(moved.fixed)).toEqual(['task-packs/c/task.yml unknown-key'])
    expect(told(moved.appeared)).toEqual(['solutions/deep/c/task.yml unknown-key'])
    rmSync(join(place.root, 'solutions'), { recursive: true })
    await program.verdict({ valid: true, packs: 2 })
    rmSync(join(place.root, 'task-packs/a'), { recursive: true })
    expect(told((await program.line()).appeared)).toEqual(['task-packs/b/task.yml missing-need'])
  })

  it('hears of files behind globs, of other packs, and of what git ignores', async () => {
    const place = placeFor({
      ...pack('a', { inputs: { files: ['task.yml', 'rules/**'] } }, { 'rules/one.yml': 'x' }),
      ...pack('b', { needs: ['a'], inputs: { files: ['task.yml', '/shared/*.json'] } }),
      'shared/x.json': '{}',
    })
    const { program, first } = await watching(place)
    expect(first).toMatchObject({ valid: true })
    rmSync(join(place.root, 'task-packs/a/rules/one.yml'))
    expect(told((await program.line()).appeared)).toEqual(['task-packs/a/task.yml glob-matches-nothing'])
    save(place, 'task-packs/a/rules/two.yml', 'x')
    expect(await program.line()).toMatchObject({ valid: true })
    renameSync(join(place.root, 'shared/x.json'), join(place.root, 'shared/x.txt'))
    expect(told((await program.line()).appeared)).toEqual(['task-packs/b/task.yml glob-matches-nothing'])
    renameSync(join(place.root, 'shared/x.txt'), join(place.root, 'shared/x.json'))
    expect(await program.line()).toMatchObject({ valid: true })
    save(place, '.gitignore', 'rules/\n')
    expect(told((await program.line()).appeared)).toEqual(['task-packs/a/task.yml glob-matches-nothing'])
    save(place, '.gitignore', 'rulse/\n')
    expect(await program.line()).toMatchObject({ valid: true, changed: ['.gitignore'] })
  })

  it('hears of the configuration, and of a file that it imports', async () => {
    const place = placeFor({
      ...TWO,
      'codex.config.ts': `import { packs } from './packs.ts'\nexport default { packs: packs as string[] }\n`,
      'packs.ts': `export const packs = ['task-packs/*']\n`,
    })
    const { program, first } = await watching(place)
    expect(first).toMatchObject({ valid: true, packs: 2 })
    save(place, 'packs.ts', `export const packs = ['task-packs/a']\n`)
    expect(await program.line()).toMatchObject({ valid: true, packs: 1 })
    save(place, 'packs.ts', `export const packs = [\n`)
    expect(told((await program.line()).appeared)).toEqual(['packs.ts config-load'])
    save(place, 'packs.ts', `export const packs = ['task-packs/*']\n`)
    expect(await program.line()).toMatchObject({ valid: true, packs: 2 })
    rmSync(join(place.root, 'codex.config.ts'))
    save(place, 'codex.config.mjs', `export default { packs: ['task-packs/b', 'task-packs/a'] }\n`)
    expect(await program.verdict({ valid: true })).toMatchObject({ packs: 2 })
  })

  it('survives a folder that is removed and made again, and the workspace itself', async () => {
    const place = placeFor(TWO)
    const { program } = await watching(place)
    rmSync(join(place.root, 'task-packs'), { recursive: true })
    const gone = await program.verdict({ packs: 0 })
    expect(told(gone.diagnostics)).toEqual(['- no-packs'])
    putFiles(place.root, TWO)
    await program.verdict({ valid: true, packs: 2 })
    expect(await mark(place, program)).toMatchObject({ changed: ['task-packs/b/task.yml'] })
    // Another folder under the same name, at once.
    cpSync(join(place.root, 'task-packs'), join(place.root, 'other'), { recursive: true })
    writeFileSync(join(place.root, 'other/a/task.yml'), task('a', { stpes: [] }))
    renameSync(join(place.root, 'task-packs'), join(place.root, 'old'))
    renameSync(join(place.root, 'other'), join(place.root, 'task-packs'))
    const other = await program.verdict({ valid: false, packs: 1 })
    expect(told(other.diagnostics)).toEqual(['task-packs/a/task.yml unknown-key'])
    save(place, 'task-packs/a/task.yml', task('a'))
    await program.verdict({ valid: true, packs: 2 })
    rmSync(place.root, { recursive: true })
    await program.verdict({ valid: false })
    putFiles(place.root, TWO)
    await program.verdict({ valid: true, packs: 2 })
  })

  it('takes thousands of changes of a branch that is switched as one', async () => {
    const place = placeFor(TWO)
    const git = (...args: readonly string[]): void =>
      void execFileSync('git', args, { cwd: place.root, stdio: 'ignore' })
    git('init', '-q', '-b', 'main')
    git('config', 'user.email', 'me@example.org')
    git('config', 'user.name', 'Me')
    git('add', '.')
    git('commit', '-qm', 'Two')
    git('checkout', '-qb', 'other')
    for (let count = 0; count < 100; count++) {
      const files = Object.fromEntries(Array.from({ length: 20 }, (_, file) => [`data/${file}.txt`, 'x']))
      putFiles(place.root, pack(`new-${count}`, {}, files))
    }
    rmSync(join(place.root, 'task-packs/b'), { recursive: true })
    writeFileSync(taskOf(place, 'a'), task('a', { title: 'Another' }))
    git('add', '--all', '.')
    git('commit', '-qm', 'Many')
    git('checkout', '-q', 'main')
    const { program } = await watching(place)
    const switchTo = async (branch: string, packs: number): Promise<number> => {
      git('checkout', '-q', branch)
      for (let verdicts = 1; ; verdicts++) {
        const line = await program.line()
        if (line.packs !== packs) continue
        expect(line).toMatchObject({ valid: true })
        return verdicts
      }
    }
    let fewest = Infinity
    // Where git takes its time, a few may be there before it is seen that this is no save; on a busy machine it takes too much.
    for (let attempt = 0; attempt < 5 && fewest > 9; attempt++) {
      fewest = Math.min(fewest, await switchTo('other', 101))
      await switchTo('main', 2)
    }
    expect(fewest).toBeLessThanOrEqual(9)
    await catchUp(place, program)
  })

  it('hears of what has changed while it was stopped', async () => {
    const place = placeFor(TWO)
    const { program } = await watching(place)
    await program.suspend()
    appendFileSync(taskOf(place, 'a'), 'x: 1\n')
    rmSync(join(place.root, 'task-packs/b'), { recursive: true })
    program.child.kill('SIGCONT')
    const line = await program.line()
    expect(told(line.diagnostics)).toEqual(['task-packs/a/task.yml unknown-key'])
    save(place, 'task-packs/a/task.yml', task('a'))
    expect(await program.line()).toMatchObject({ valid: true, packs: 1 })
  })

  it('looks at the files by itself where the system refuses, and says so', async () => {
    const place = placeFor(TWO)
    const script = 'echo 1 >/proc/sys/user/max_inotify_watches; exec "$0" "$@"'
    const { program } = await watching(place, [], ['unshare', '--user', '--map-root-user', 'sh', '-c', script])
    appendFileSync(taskOf(place, 'a'), 'x: 1\n')
    expect(told((await program.lineOf('validated')).appeared)).toEqual(['task-packs/a/task.yml unknown-key'])
    rmSync(join(place.root, 'task-packs/a'), { recursive: true })
    expect(told((await program.lineOf('validated')).appeared)).toEqual(['task-packs/b/task.yml missing-need'])
    const plain = new Program(place, [
      ...['unshare', '--user', '--map-root-user', 'sh', '-c', script],
      ...[process.execPath, CLI, 'validate', '--watch'],
    ])
    await plain.untilError(/^Changes are looked for every second, .*ENOSPC/m)
  })

  it('looks at the files where it is told to', async () => {
    const place = placeFor(TWO)
    const { program } = await watching(place, ['--poll'])
    appendFileSync(taskOf(place, 'a'), 'x: 1\n')
    expect(told((await program.line()).appeared)).toEqual(['task-packs/a/task.yml unknown-key'])
    save(place, 'task-packs/a/task.yml', task('a'))
    expect(await program.line()).toMatchObject({ valid: true, packs: 2 })
    putFiles(place.root, pack('c'))
    await program.verdict({ packs: 3 })
  })

  it('keeps to the packs that were named', async () => {
    const place = placeFor({ ...TWO, ...pack('c') })
    const { program, first } = await watching(place, ['b'])
    expect(first).toMatchObject({ packs: 2 })
    save(place, 'task-packs/a/task.yml', task('a', { stpes: [] }))
    expect(told((await program.line()).appeared)).toEqual(['task-packs/a/task.yml unknown-key'])
  })

  it('prints lines for people in a pipe, and ends with whoever reads them', async () => {
    const place = placeFor(TWO)
    const program = new Program(place, [process.execPath, CLI, 'validate', '--watch'])
    await program.until(/^2 packs valid, 6 actions\n/)
    appendFileSync(taskOf(place, 'a'), 'stpes: []\n')
    const wrong = await program.until(/1 error in 1 pack\n/)
    expect(wrong).toMatch(/^task-packs\/a\/task\.yml:\d+:1 error unknown-key `stpes`.*\n.*\n? *\d+ │ stpes: \[\]\n/m)
    expect(wrong).not.toContain('\u001B')
    save(place, 'task-packs/a/task.yml', task('a'))
    await program.until(/^fixed task-packs\/a\/task\.yml:\d+:1 unknown-key `stpes`.*\n2 packs valid, 6 actions\n/m)
    program.child.stdout?.destroy()
    appendFileSync(taskOf(place, 'a'), '# more\n')
    expect(await program.ended()).toBe(0)
  })

  it('refuses what only goes with it, and one document', async () => {
    const place = placeFor(TWO)
    await codex(place, { args: ['validate', '--jsonl'], exitCode: 2, stderr: ['--jsonl goes with --watch'] })
    await codex(place, { args: ['graph', '--poll'], exitCode: 2, stderr: ['--poll goes with --watch'] })
    await codex(place, { args: ['graph', '--watch', '-f', 'html'], exitCode: 2, stderr: ['and no pictures'] })
    await codex(place, { args: ['validate', '--watch', '--since', 'HEAD'], exitCode: 2, stderr: ['leave out --since'] })
    await codex(place, { args: ['complete', '--', 'validate', '--w'], exitCode: 0, stdout: '--watch\n' })
    const stderr = ["'--jsonl' cannot be used with option '--json'"]
    await codex(place, { args: ['validate', '--watch', '--jsonl', '--json'], exitCode: 2, stderr })
  })
})

describe('codex graph --watch', () => {
  it('prints the graph again when it is another one', async () => {
    const place = placeFor(TWO)
    const program = new Program(place, [process.execPath, CLI, 'graph', '--watch', '--format', 'mermaid'])
    await program.until(/flowchart[^]*subgraph p_b/)
    appendFileSync(taskOf(place, 'b'), 'stpes: []\n')
    await program.untilError(/unknown-key/)
    save(place, 'task-packs/b/task.yml', task('other', { needs: ['a'] }))
    await program.until(/flowchart[^]*subgraph p_other/)
    program.child.kill('SIGTERM')
    expect(await program.ended()).toBe(143)
  })
})

/** A terminal that is as a shell wants it: line by line, with what is typed shown. */
const COOKED = /(?<![-\w])icanon\b[^]*(?<![-\w])echo\b/

describe('on a terminal', () => {
  /** Runs the program in a shell of a terminal, then shows how it ended and how the terminal is. */
  function shell(place: Place, args: string, before = ''): Program {
    const script = [
      before,
      `"${process.execPath}" "${CLI}" ${args}`,
      'echo "code $?"',
      'stty -a',
      before === '' ? '' : 'fg >/dev/null; echo "code $?"; stty -a',
      'echo done',
    ]
    putFiles(place.home, { 'try.sh': script.join('\n') })
    return atTerminal(place, `sh "${join(place.home, 'try.sh')}"`)
  }

  it('clears the screen for each verdict, and knows its keys', async () => {
    const place = placeFor(TWO)
    const program = shell(place, 'validate --watch')
    const first = await program.until(/q quits/)
    expect(first).toContain('\u001B[2J\u001B[H')
    expect(first).toContain('2 packs valid, 6 actions')
    appendFileSync(taskOf(place, 'a'), 'stpes: []\n')
    const wrong = await program.until(/q quits/)
    expect(wrong).toContain('\u001B[2J\u001B[H')
    expect(wrong).toMatch(/│.* stpes: \[\]/)
    save(place, 'task-packs/a/task.yml', task('a'))
    expect(await program.until(/q quits/)).toMatch(/fixed.*unknown-key/)
    program.press('g')
    expect(await program.until(/the verdict, q quits/)).toMatch(/Pack b[^]*needs a[^]*tests/)
    program.press('g')
    expect(await program.until(/the graph, q quits/)).toContain('2 packs valid')
    program.press('\r')
    expect(await program.until(/the graph, q quits/)).toContain('2 packs valid')
    program.press('q')
    const end = await program.until(/done/)
    expect(end).toContain('code 0')
    expect(end).toMatch(COOKED)
  })

  it('ends with Ctrl-C and leaves the terminal as it was', async () => {
    const program = shell(placeFor(TWO), 'graph --watch')
    await program.until(/q quits/)
    program.press('\u0003')
    const end = await program.until(/done/)
    expect(end).toContain('code 0')
    expect(end).toMatch(COOKED)
  })

  it('leaves the terminal as it was when it is told to end', async () => {
    const place = placeFor(TWO)
    putFiles(place.home, { 'own.sh': `echo "pid $$ "\nexec "${process.execPath}" "${CLI}" validate --watch\n` })
    const script = `sh "${join(place.home, 'own.sh')}"; echo "code $?"; stty -a; echo done`
    putFiles(place.home, { 'try.sh': script })
    const program = atTerminal(place, `sh "${join(place.home, 'try.sh')}"`)
    const pid = Number(/pid (\d+)/.exec(await program.until(/pid \d+ /))?.[1])
    await program.until(/q quits/)
    process.kill(pid, 'SIGTERM')
    const end = await program.until(/done/)
    expect(end).toContain('code 143')
    expect(end).toMatch(COOKED)
  })

  it('stops with Ctrl-Z and goes on where it was', async () => {
    const place = placeFor(TWO)
    const program = shell(place, 'validate --watch', 'set -m')
    await program.until(/q quits/)
    program.press('\u001A')
    const stopped = await program.until(/code 148[^]*echoke/)
    expect(stopped).toMatch(COOKED)
    appendFileSync(taskOf(place, 'a'), 'stpes: []\n')
    expect(await program.until(/q quits/)).toContain('unknown-key')
    program.press('q')
    const end = await program.until(/done/)
    expect(end).toContain('code 0')
    expect(end).toMatch(COOKED)
  })
})
