/** The labelled set: its shape, how well the judge does on the half that nobody tuned on, and the page about it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { lexicalEncoder } from '../../../server/src/memory/encoder.ts'
import { gate, score } from '../../relevance/judges.ts'
import { halves, LABELS, readScenarios } from '../../relevance/labelled.ts'
import { compare, withFigures } from '../../relevance/report.ts'

const folder = path.resolve(import.meta.dirname, '../../relevance')
const page = readFileSync(path.resolve(folder, '../../docs/RELEVANCE.md'), 'utf8')
const scenarios = readScenarios(folder)
const compared = compare(folder)

describe('the labelled set', () => {
  it('has what the page says: 24 scenarios, at least 300 blocks, each kind in each', () => {
    expect(scenarios).toHaveLength(24)
    expect(scenarios.flatMap(({ cases }) => cases)).toHaveLength(312)
    for (const { name, memory, cases } of scenarios) {
      expect(memory, name).toHaveLength(4)
      expect(new Set(cases.map(({ label }) => label)).size, name).toBe(LABELS.length)
    }
  })

  it('has two halves that share nothing', () => {
    const { tuned, untouched } = halves(scenarios)
    expect([tuned.length, untouched.length]).toEqual([12, 12])
    expect(new Set([...tuned, ...untouched].map(({ name }) => name)).size).toBe(24)
  })

  it('is judged well enough on the untouched half, and better than by others', () => {
    const { untouched } = halves(scenarios)
    const ours = score(gate(lexicalEncoder.encode, lexicalEncoder.config), untouched)
    expect(ours.f1).toBeGreaterThanOrEqual(0.8)
    expect(ours.redundancyRecall).toBeGreaterThanOrEqual(0.9)
    const others = compared.slice(0, -1)
    for (const other of others) expect(ours.f1, other.name).toBeGreaterThan(other.score.f1)
  })

  it('gives the figures of the page', () => {
    expect(withFigures(page, compared), 'run node test/relevance/report.mjs').toBe(page)
  })
})
