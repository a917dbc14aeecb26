import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type ServerProcess, startServer, temporaryHome } from '../support/server.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function twoSessions(): Promise<{ a: ServerProcess; b: ServerProcess }> {
  const { home, root, remove } = temporaryHome()
  cleanups.push(remove)
  const [a, b] = await Promise.all(
    ['alpha', 'beta'].map((name) => {
      const cwd = path.join(home, name)
      mkdirSync(cwd)
      return startServer({ root, cwd })
    }),
  )
  if (!a || !b) throw new Error('no servers')
  cleanups.push(
    () => a.kill(),
    () => b.kill(),
  )
  return { a, b }
}

describe('two sessions of one machine', () => {
  it('meet, and what one observes is pushed to the other [R30] [R115]', async () => {
    const { a, b } = await twoSessions()
    await a.callUntil('sym_peers', {}, (text) => /1 here/.test(text))
    const sent = await a.call('sym_observe', { focus: 'the build is red on main', mood: { text: 'worried', valence: -0.4 } })
    expect(sent.text).toMatch(/claude-.*-beta .* (received|surfaced)/)
    const push = await b.waitForPush(({ content }) => content.includes('the build is red on main'))
    expect(push.content).toContain('| the build is red on main')
    expect(push.meta['peer']).toMatch(/-alpha$/)
  })
})
