import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/model/digest.ts'
import type { TreeEntry } from '../../src/model/tree.ts'
import { ISOLATIONS, openRig, type Attempt, type InputFile, type Rig } from './rig.ts'

/** More than what is copied, so that inputs are shown through an overlay. */
const FILLING: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: 150 }, (_, index) => [`filling/${index}.txt`, `${index}\n`]),
)

const FILES: Readonly<Record<string, InputFile>> = {
  'data/a.txt': 'aaaa\n',
  'data/b.txt': 'bbbb\n',
  'data/deep/c.txt': 'cccc\n',
  'top.txt': 'top\n',
  'tool.sh': { bytes: '#!/bin/sh\necho tool\n', executable: true },
}

interface Expected {
  readonly outputs?: readonly string[]
  readonly altered?: readonly string[]
  readonly undeclared?: readonly string[]
  readonly unusable?: readonly string[]
  readonly missing?: readonly string[]
}

interface Case extends Expected {
  readonly sh: string
  readonly declares?: readonly string[]
  readonly ignores?: Attempt['ignores']
}

const CASES: Readonly<Record<string, Case>> = {
  // Outputs
  'a file': { sh: 'echo x >out.txt', declares: ['out.txt'], outputs: ['out.txt'] },
  'a file in a folder that is there already': {
    sh: 'echo x >build/a/b.txt',
    declares: ['build/a/b.txt'],
    outputs: ['build/a/b.txt'],
  },
  'a folder, whole': {
    sh: 'mkdir -p out/x/y; echo 1 >out/1; echo 2 >out/x/y/2; echo 3 >out/.hidden',
    declares: ['out/'],
    outputs: ['out/.hidden', 'out/1', 'out/x/y/2'],
  },
  'a folder that took the place of another': {
    sh: 'rm -r out; mkdir out; echo x >out/x',
    declares: ['out/'],
    outputs: ['out/x'],
  },
  'a folder that was moved into place': {
    sh: 'mkdir out.new; echo x >out.new/x; rmdir out; mv out.new out',
    declares: ['out/'],
    outputs: ['out/x'],
  },
  'what a glob matches': {
    sh: 'mkdir -p gen/deep; echo 1 >gen/1.json; echo 2 >gen/deep/.2.json',
    declares: ['gen/**/*.json'],
    outputs: ['gen/1.json', 'gen/deep/.2.json'],
  },
  'an empty file': { sh: ': >out.txt', declares: ['out.txt'], outputs: ['out.txt'] },
  'an executable file': { sh: 'echo x >out; chmod 711 out', declares: ['out'], outputs: ['out*'] },
  'an output beside inputs': {
    sh: 'cp data/a.txt data/copy.txt',
    declares: ['data/copy.txt'],
    outputs: ['data/copy.txt'],
  },
  'a file of mode 000 in a folder of mode 000': {
    sh: 'mkdir out/in; echo x >out/in/x; chmod 000 out/in/x out/in out',
    declares: ['out/'],
    outputs: ['out/in/x'],
  },
  'nothing of an empty folder': { sh: 'mkdir -p out/empty', declares: ['out/'], missing: ['out/'] },
  'nothing where nothing was made': {
    sh: ':',
    declares: ['out.txt', 'out/', '*.json'],
    missing: ['out.txt', 'out/', '*.json'],
  },
  'an input that was read and touched': { sh: 'cat data/*.txt; touch data/a.txt; chmod 600 data/b.txt' },
  'an input that was written as it was': { sh: 'printf "aaaa\\n" >data/a.txt' },
  'a folder of inputs that was made again as it was': { sh: 'cp -r data kept; rm -r data; mv kept data' },
  // Undeclared
  'a new file': { sh: 'echo x >new.txt; echo x >data/deep/new.txt', undeclared: ['data/deep/new.txt', 'new.txt'] },
  'a changed input, its size and time put back': {
    sh: 'printf "AAAA\\n" >data/a.txt; touch -d @315532800 data/a.txt',
    altered: ['data/a.txt'],
  },
  'an appended input': { sh: 'echo x >>data/a.txt', altered: ['data/a.txt'] },
  'a truncated input': { sh: ': >data/a.txt', altered: ['data/a.txt'] },
  'a deleted input': { sh: 'rm data/a.txt', altered: ['data/a.txt'] },
  'a deleted folder of inputs': { sh: 'rm -r data', altered: ['data/a.txt', 'data/b.txt', 'data/deep/c.txt'] },
  'a folder of inputs that was made again with less': {
    sh: 'rm -r data/deep; mkdir data/deep',
    altered: ['data/deep/c.txt'],
  },
  'a renamed folder': {
    sh: 'mv data moved',
    altered: ['data/a.txt', 'data/b.txt', 'data/deep/c.txt'],
    undeclared: ['moved/a.txt', 'moved/b.txt', 'moved/deep/c.txt'],
  },
  'an input that became a folder': {
    sh: 'rm data/a.txt; mkdir data/a.txt; echo x >data/a.txt/x',
    altered: ['data/a.txt'],
    undeclared: ['data/a.txt/x'],
  },
  'an input that became an empty folder': { sh: 'rm data/a.txt; mkdir data/a.txt', altered: ['data/a.txt'] },
  'a folder that became a file': {
    sh: 'rm -r data/deep; echo x >data/deep',
    altered: ['data/deep/c.txt'],
    undeclared: ['data/deep'],
  },
  'an input that became a link to itself elsewhere': {
    sh: 'mv data/a.txt /tmp/a; ln -s /tmp/a data/a.txt',
    altered: ['data/a.txt'],
  },
  'an input that became executable': { sh: 'chmod +x data/a.txt', altered: ['data/a.txt'] },
  'a tool that is none any more': { sh: 'chmod -x tool.sh', altered: ['tool.sh'] },
  'an input renamed over another': { sh: 'mv data/a.txt data/b.txt', altered: ['data/a.txt', 'data/b.txt'] },
  'an input replaced by a rename': {
    sh: 'echo other >/tmp/n; cp /tmp/n data/n; mv data/n data/a.txt',
    altered: ['data/a.txt'],
  },
  'two inputs exchanged': {
    sh: 'mv data/a.txt x; mv data/b.txt data/a.txt; mv x data/b.txt',
    altered: ['data/a.txt', 'data/b.txt'],
  },
  'a link, a FIFO and a socket': {
    sh: `ln -s data link; mkfifo fifo; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'`,
    undeclared: ['fifo', 'link', 'socket'],
  },
  'a file beside a declared glob': {
    sh: 'mkdir gen; echo x >gen/x.txt; echo y >gen/y.json',
    declares: ['gen/*.json'],
    outputs: ['gen/y.json'],
    undeclared: ['gen/x.txt'],
  },
  'everything in a folder that may not be entered': {
    sh: 'mkdir shut; echo x >shut/x; chmod 000 shut',
    undeclared: ['shut/x'],
  },
  'the workspace itself taken away': { sh: 'chmod 000 .', undeclared: [] },
  'an ignored file, silently dropped': {
    sh: 'echo x >x.pyc; mkdir cache; echo y >cache/y',
    ignores: (path) => /\.pyc$|^cache\//.test(path),
  },
  'an ignored input that was deleted': { sh: 'rm data/a.txt', ignores: () => true, altered: ['data/a.txt'] },
  // Unusable
  'a link as output': {
    sh: 'ln -s /etc/passwd out.txt',
    declares: ['out.txt'],
    unusable: ['out.txt'],
    missing: ['out.txt'],
  },
  'a dangling link in an output': {
    sh: 'ln -s /nonesuch out/link; echo x >out/x',
    declares: ['out/'],
    outputs: ['out/x'],
    unusable: ['out/link'],
  },
  'a folder of outputs that became a link': {
    sh: 'rmdir out; mkdir /tmp/o; echo x >/tmp/o/x; ln -s /tmp/o out',
    declares: ['out/'],
    undeclared: ['out'],
    missing: ['out/'],
  },
  'a hard link to an input': {
    sh: 'ln data/a.txt out.txt',
    declares: ['out.txt'],
    unusable: ['out.txt'],
    missing: ['out.txt'],
    altered: ['data/a.txt'],
  },
  'two names of one file': {
    sh: 'echo x >out/1; ln out/1 out/2',
    declares: ['out/'],
    unusable: ['out/1', 'out/2'],
    missing: ['out/'],
  },
  'a FIFO': { sh: 'mkfifo out.txt', declares: ['out.txt'], unusable: ['out.txt'], missing: ['out.txt'] },
  'a socket': {
    sh: `python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("out.txt")'`,
    declares: ['out.txt'],
    unusable: ['out.txt'],
    missing: ['out.txt'],
  },
  'a folder in place of a file': {
    sh: 'mkdir out.txt; echo x >out.txt/x',
    declares: ['out.txt'],
    missing: ['out.txt'],
    undeclared: ['out.txt/x'],
  },
  'a name with a newline': { sh: "echo x >'out/a\nb'", declares: ['out/'], unusable: ['out/a\nb'], missing: ['out/'] },
  'a long name that is not UTF-8': {
    sh: `echo x >"$(head -c 255 /dev/zero | tr '\\0' '\\377')"`,
    undeclared: ['\ufffd'.repeat(255)],
  },
  'a name that is not UTF-8': {
    sh: `echo x >"out/$(printf '\\377')"; mkdir "out/$(printf '\\376')"; echo x >"out/$(printf '\\376')/y"; chmod 000 "out/$(printf '\\376')"`,
    declares: ['out/'],
    unusable: ['out/\ufffd', 'out/\ufffd'],
    missing: ['out/'],
  },
}

const ROOTS = { copied: FILES, overlaid: { ...FILES, ...FILLING } }

describe.each(ISOLATIONS)('%s', (isolation) => {
  let rig: Rig

  beforeAll(async () => {
    rig = await openRig(isolation)
  })

  afterAll(() => rig.close())

  describe.each(Object.entries(ROOTS))('with %s inputs', (kind, files) => {
    it.concurrent.each(Object.entries(CASES))('tells of %s', async (_, { sh, declares = [], ignores, ...expected }) => {
      const inputs = rig.tree(files)
      const ran = await rig.run({ sh, inputs, outputs: declares, ...(ignores && { ignores }) })
      expect(ran).toMatchObject({
        code: 0,
        altered: expected.altered ?? [],
        undeclared: expected.undeclared ?? [],
        unusable: expected.unusable ?? [],
        missing: expected.missing ?? [],
      })
      expect(ran.outputs.entries.map(({ path, executable }) => (executable ? `${path}*` : path))).toEqual(
        expected.outputs ?? [],
      )
      for (const entry of inputs.entries) expect(sha256(rig.store.read(entry))).toBe(entry.digest)
    })

    it('keeps the bytes of outputs', async () => {
      const ran = await rig.run({
        sh: 'printf "\\000\\377x" >out.bin; cat data/b.txt >>out.bin',
        inputs: rig.tree(files),
        outputs: ['out.bin'],
      })
      expect([...rig.store.read(ran.outputs.entries[0] as TreeEntry)]).toEqual([0, 255, 120, ...Buffer.from('bbbb\n')])
      expect(ran.outputs.entries[0]).toMatchObject({ size: 8, executable: false })
    })

    it('shows every file of equal bytes as a file of its own', async () => {
      const inputs = rig.tree({ ...files, 'same/1': 'same', 'same/2': 'same' })
      const { output } = await rig.run({
        sh: 'stat -c %i same/* | sort -u | wc -l; tar cf - same | tar tvf - | grep -c " link to "',
        inputs,
      })
      expect(output).toBe('2\n0\n')
    })

    it(`lays them ${kind}`, async () => {
      const { output } = await rig.run({ sh: 'stat -f -c %T .', inputs: rig.tree(files) })
      expect(output === 'overlayfs\n').toBe(kind === 'overlaid')
    })
  })

  it('shows an action what an earlier one made, and neither the other', async () => {
    const made = await rig.run({ sh: 'echo made >out/x; chmod 755 out/x', outputs: ['out/'] })
    const { output } = await rig.run({ sh: 'cat out/x; stat -c "%a %Y" out/x; ls', inputs: made.outputs })
    expect(output).toBe('made\n755 315532800\nout\n')
  })
})
