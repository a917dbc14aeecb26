import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { peekAtPrompt, type ReadChunk } from '../../../server/src/hook/peek.ts'
import { isTyped, reportOf } from '../../../server/src/hook/prompt.ts'
import { cpuMs } from '../../support/cpu.ts'

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
const has = (prompt: string, what: 'links' | 'words', text: string): boolean => reportOf(prompt)?.[what].includes(hash(text)) === true

describe('what is told of a prompt', () => {
  it.each([
    ['sym://group/team', 'sym://group/team'],
    ['join (sym://group/team), please', 'sym://group/team'],
    ['"sym://team/x?relay=wss%3A%2F%2Fr.example&token=t".', 'sym://team/x?relay=wss%3A%2F%2Fr.example&token=t'],
    ['relay is wss://relay.example.com/mesh!', 'wss://relay.example.com/mesh'],
    ['<sym://join#v1.abc_->', 'sym://join#v1.abc_-'],
    ['try melotune://room/jazz/Jazz%20Club', 'melotune://room/jazz/Jazz%20Club'],
    ['/mesh-join sym://group/team', 'sym://group/team'],
  ])('the links in %j', (prompt, link) => {
    // What begins with a bracket may be a wake of the host; the same words later in a line are not.
    expect(has(` see: ${prompt}`, 'links', link)).toBe(true)
  })

  it('is no link that leads anywhere else, nor a word inside of one', () => {
    expect(reportOf('join https://example.com/team and file:///etc/passwd')?.links).toEqual([])
    expect(has('join sym://group/team', 'words', 'team')).toBe(false)
  })

  it.each(['backend-team', 'Backend-Team', 'default', '(backend-team)', "'backend-team'.", 'backend-team,x'])('the words in %j', (text) => {
    expect(has(`join ${text}`, 'words', text.toLowerCase().includes('default') ? 'default' : 'backend-team')).toBe(true)
  })

  it('is no part of a word', () => {
    for (const part of ['backend', 'team', 'backend-', 'end-team']) expect(has('join backend-team', 'words', part)).toBe(false)
  })

  it.each([
    ['/mesh-join team', 'join'],
    [' /sym-mesh-channel:mesh-join sym://group/team', 'join'],
    ['/mesh-invite', 'invite'],
    ['/mesh-joined team', undefined],
    ['please /mesh-join team', undefined],
    ['/other:mesh-join team', undefined],
  ])('whether %j is a command of ours', (prompt, command) => {
    expect(reportOf(prompt)?.command).toBe(command)
  })

  it('is nothing of what a program wrote, or of our own quotations [C2]', () => {
    for (const prompt of [
      '<task-notification>/mesh-join team</task-notification>',
      '[SYSTEM NOTIFICATION] join team',
      'look: [begin 0123456789abcdef]\n| join team\n[end 0123456789abcdef]',
      '',
      undefined,
      7,
    ]) {
      expect(isTyped(prompt)).toBe(false)
      expect(reportOf(prompt)).toBeUndefined()
    }
  })

  it('holds hashes alone, few of them, whatever the prompt', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
        const report = reportOf(`join ${text} sym://group/a ws://b wss://c x://room/d`)
        if (report === undefined) return
        const all = [...report.links, ...report.words]
        expect(all.every((one) => /^[0-9a-f]{64}$/.test(one))).toBe(true)
        expect(report.links.length).toBeLessThanOrEqual(16)
        expect(report.words.length).toBeLessThanOrEqual(512)
      }),
    )
  })

  it('is read in time from a prompt made to be slow', () => {
    const slow = [
      'a-'.repeat(500_000),
      'a'.repeat(1_000_000),
      'sym://'.repeat(150_000),
      `sym://${'.'.repeat(500_000)}x`,
      '://room/'.repeat(100_000),
    ]
    expect(cpuMs(() => slow.map((prompt) => reportOf(`join ${prompt}`)))).toBeLessThan(4_000)
  })
})

describe('the look at a prompt', () => {
  const pieces = (...texts: (string | Error)[]): ReadChunk => {
    const left = [...texts]
    return (into) => {
      const next = left.shift()
      if (next instanceof Error) throw next
      return next === undefined ? 0 : into.write(next)
    }
  }
  const again = Object.assign(new Error('not yet'), { code: 'EAGAIN' })

  it('sees the prompt alone, not what else the host tells', () => {
    const input = (prompt: string) => JSON.stringify({ cwd: '/home/me/mesh-group', transcript_path: 'file://join', prompt })
    expect(peekAtPrompt(pieces(input('fix the login')))).toEqual({ input: input('fix the login'), speaksOfMesh: false })
    for (const prompt of ['Join us', 'which GROUP', 'the mesh', 'sym://group/a', 'an invite']) {
      expect(peekAtPrompt(pieces(input(prompt)))?.speaksOfMesh).toBe(true)
    }
  })

  it('does not wait for an end that never comes, nor lose what comes in pieces', () => {
    const input = JSON.stringify({ prompt: 'join {"a":1}\n and more' })
    const open = (left: string[]): ReadChunk => {
      return (into) => {
        const next = left.shift()
        return next === undefined ? expect.fail('it would have waited') : into.write(next)
      }
    }
    expect(peekAtPrompt(open([input]))?.input).toBe(input)
    expect(peekAtPrompt(open([input.slice(0, 22), input.slice(22)]))?.speaksOfMesh).toBe(true)
    expect(peekAtPrompt(pieces(again, input.slice(0, 5), again, input.slice(5)))?.speaksOfMesh).toBe(true)
    expect(peekAtPrompt(pieces('not json'))?.speaksOfMesh).toBe(false)
    expect(peekAtPrompt(pieces(Object.assign(new Error('end'), { code: 'EOF' })))?.input).toBe('')
  })
})
