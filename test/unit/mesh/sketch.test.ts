import { describe, expect, it } from 'vitest'
import { isAlike, sketchOf } from '../../../server/src/mesh/sketch.ts'
import { cpuMs } from '../../support/cpu.ts'

const alike = (a: string, b: string): boolean => isAlike(sketchOf(a), sketchOf(b))

describe('two texts', () => {
  it.each([
    ['Thank you!', 'thank you'],
    ['The build is green again, all 214 tests pass.', 'THE BUILD IS GREEN AGAIN -- all 214 tests pass!!!'],
    ['Great work, the parser handles nested groups correctly', 'Great work: the parser handles nested groups correctly 🎉'],
    ['ｆｕｌｌ ｗｉｄｔｈ ｔｅｘｔ', 'full width text'],
    ['👍', '👍'],
    ['ok', 'OK.'],
    ['', ''],
  ])('%j and %j are alike', (a, b) => {
    expect(alike(a, b)).toBe(true)
    expect(alike(b, a)).toBe(true)
  })

  it.each([
    ['The build is green again', 'The migration of the users table failed on staging'],
    ['yes', 'no'],
    ['port 8080 is taken', 'port 9090 is free'],
    ['ok', 'ok, but the schema needs a new column first'],
    ['👍', '🎉'],
    ['', 'something'],
  ])('%j and %j are not', (a, b) => {
    expect(alike(a, b)).toBe(false)
    expect(alike(b, a)).toBe(false)
  })

  it('are compared in no time, however long they are', () => {
    const long = Array.from({ length: 20_000 }, (_, at) => `word${at}`).join(' ')
    const compare = () => {
      for (let round = 0; round < 20; round++) alike(long, `${long} and more`)
    }
    expect(cpuMs(compare)).toBeLessThan(2_000)
  })
})
