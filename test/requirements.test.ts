/** Holds the manifest to the tests and the tests to the manifest. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { requirements } from './requirements.ts'

const TEST = dirname(fileURLToPath(import.meta.url))

/** Ids that stand in brackets in the first string of a test or group: `it('… [R31] [R32]'`, `it('… [R31, R32]'`. */
function citations(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const file of readdirSync(TEST, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'))) {
    const text = readFileSync(join(TEST, file), 'utf8')
    for (const name of testNames(text)) for (const id of idsIn(name)) found.set(id, [...(found.get(id) ?? []), file])
  }
  return found
}

function testNames(text: string): string[] {
  const call =
    /\b(?:it|test|describe|describeClients)\b[\w.]*(?:\([^'"`]*\))?\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g
  return [...text.matchAll(call)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

function idsIn(name: string): string[] {
  return [...name.matchAll(/\[((?:[A-Z]\d+(?:,\s*)?)+)\]/g)]
    .flatMap((match) => match[1]?.split(/,\s*/) ?? [])
    .filter((id) => id.startsWith('R'))
}

const cited = citations()

describe('requirements', () => {
  it('has a test for every row', () => {
    const uncited = Object.entries(requirements).filter(([id]) => !cited.has(id))
    expect(uncited.map(([id, sentence]) => `${id}: ${sentence}`)).toEqual([])
  })

  it('knows every id that a test cites', () => {
    const unknown = [...cited].filter(([id]) => !(id in requirements)).map(([id, files]) => `${id} in ${files.join(', ')}`)
    expect(unknown).toEqual([])
  })
})
