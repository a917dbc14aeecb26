import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { channelFaults } from '../support/claude-client/sandbox.mjs'
import { type ServerProcess, startServer, temporaryHome } from '../support/server.ts'
import { availableNode24 } from '../support/tools.mjs'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function twoSessions(...nodes: readonly string[]): Promise<{ a: ServerProcess; b: ServerProcess }> {
  const { home, root, remove } = temporaryHome()
  cleanups.push(remove)
  const [a, b] = await Promise.all(
    ['alpha', 'beta'].map((name, at) => {
      const node = nodes[at]
      const cwd = path.join(home, name)
      mkdirSync(cwd)
      return startServer({ root, cwd, ...(node ? { node } : {}) })
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
    expect(channelFaults(push)).toEqual([])
  })

  const newer = availableNode24()
  it.skipIf(!newer)('are on different versions of Node, and one of them changes: nothing is lost [R8]', async () => {
    const { a, b } = await twoSessions(process.execPath, newer ?? '')
    await a.callUntil('sym_peers', { here: true }, (text) => /1 here[\s\S]*-beta/.test(text))
    await a.call('sym_observe', { focus: 'said on the old one' })
    await b.waitForPush(({ content }) => content.includes('said on the old one'))
    await b.stop()
    // The store was written by the other driver: the next session of this project reads it all the same.
    const again = await startServer({ root: a.options.root, cwd: b.options.cwd ?? '' })
    cleanups.push(() => again.kill())
    expect((await again.call('sym_recall', { query: 'said old' })).text).toContain('| said on the old one')
  })
})
