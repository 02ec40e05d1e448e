import { pack, packs, type Pages } from './page.ts'

const MAKES = ['steps:', '  - { id: list, run: node list.mjs, outputs: [build/list.json] }']

export const meaningPages: Pick<
  Pages,
  | 'vacuous-command'
  | 'no-acceptance'
  | 'duplicate-pack-id'
  | 'duplicate-action-id'
  | 'missing-need'
  | 'cyclic-need'
  | 'artifact-without-need'
  | 'artifact-not-produced'
> = {
  'vacuous-command': {
    what: 'A command ends with success whatever the files hold: `true`, `exit 0`, `:`, or nothing at all.',
    why: 'A pack that ran nothing must not be reported as passed.',
    wrong: pack(['acceptance:', '  tests:', "    - run: 'true'"]),
    right: pack(['acceptance:', '  tests:', '    - run: node test.mjs']),
  },
  'no-acceptance': {
    what: 'A pack has no command that accepts its work.',
    why: 'Work is accepted by a machine. Without a command that can fail, nothing would be proved.',
    wrong: pack(['acceptance: { tests: [] }']),
    right: pack(['acceptance: { tests: [{ run: node test.mjs }] }']),
  },
  'duplicate-pack-id': {
    what: 'Two packs have the same id, or ids that differ only in case.',
    why: 'The id names the pack on the command line, in the manifest and in folders, of which some do not tell case.',
    wrong: packs({ report: ['id: report'], 'report-copy': ['id: report'] }),
    right: packs({ report: ['id: report'], 'report-copy': ['id: report-copy'] }),
  },
  'duplicate-action-id': {
    what: 'Two commands of one phase have the same id.',
    why: 'The id names the action in the manifest and its log in the folder of the run. A command without one is named by its place, from 1.',
    wrong: pack([
      'acceptance:',
      '  tests:',
      '    - { id: unit, run: node unit.mjs }',
      '    - { id: unit, run: node more.mjs }',
    ]),
    right: pack([
      'acceptance:',
      '  tests:',
      '    - { id: unit, run: node unit.mjs }',
      '    - { id: more, run: node more.mjs }',
    ]),
  },
  'missing-need': {
    what: 'A pack or a step needs another that there is none of.',
    why: 'What must come first has to be there, or the order would prove nothing.',
    wrong: packs({ inventory: ['id: inventory'], report: ['needs: [inventroy]'] }),
    right: packs({ inventory: ['id: inventory'], report: ['needs: [inventory]'] }),
  },
  'cyclic-need': {
    what: 'Packs or steps need each other in a circle. The shortest circle is shown with the place of each need, and the fewest needs whose removal ends all circles among them.',
    why: 'None of them could ever start.',
    wrong: packs({ parse: ['needs: [report]'], report: ['needs: [parse]'] }),
    right: packs({ parse: ['needs: []'], report: ['needs: [parse]'] }),
  },
  'artifact-without-need': {
    what: 'An artifact comes from a pack that this one does not need.',
    why: 'The other pack must have passed before its artifact is worth anything.',
    wrong: packs({
      inventory: MAKES,
      report: ['inputs:', '  artifacts: [{ from: inventory, path: build/list.json, as: list.json }]'],
    }),
    right: packs({
      inventory: MAKES,
      report: [
        'needs: [inventory]',
        'inputs:',
        '  artifacts: [{ from: inventory, path: build/list.json, as: list.json }]',
      ],
    }),
  },
  'artifact-not-produced': {
    what: 'An artifact is none that the other pack makes.',
    why: 'It would be missing, or be what an earlier build left behind.',
    wrong: packs({
      inventory: MAKES,
      report: [
        'needs: [inventory]',
        'inputs:',
        '  artifacts: [{ from: inventory, path: build/lists.json, as: list.json }]',
      ],
    }),
    right: packs({
      inventory: MAKES,
      report: [
        'needs: [inventory]',
        'inputs:',
        '  artifacts: [{ from: inventory, path: build/list.json, as: list.json }]',
      ],
    }),
  },
}
