import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes } from '../../src/model/order.ts'
import { createFindings } from '../../src/run/secret-findings.ts'

const finding = fc.record({
  path: fc.constantFrom('a', 'b', 'logs/é', 'logs/p/*.log'),
  line: fc.integer({ min: 1, max: 5 }),
  rule: fc.constantFrom('aws/A', 'slack/B', 'not-scanned'),
})

describe('findings', () => {
  it('are the first ones of all, each once, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 80 }), fc.integer({ min: 1, max: 20 }), (given, limit) => {
        const findings = createFindings(limit)
        for (const each of given) {
          const before = JSON.stringify(findings.kept)
          const settled = findings.isSettled(each.path, each.line)
          findings.add(each)
          expect(!settled || JSON.stringify(findings.kept) === before).toBe(true)
        }
        const all = new Map(given.map((each) => [JSON.stringify(each), each]))
        const sorted = [...all.values()].toSorted(
          (a, b) => compareBytes(a.path, b.path) || a.line - b.line || compareBytes(a.rule, b.rule),
        )
        expect(findings.kept).toEqual(sorted.slice(0, limit))
        expect(findings.more).toBe(sorted.length > limit)
      }),
    )
  })
})
