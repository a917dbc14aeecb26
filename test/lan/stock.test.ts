/** A stock node on another host of the LAN, with nothing configured but the policy: each finds the other by DNS-SD. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundle } from '../support/bundle.ts'
import { Lab, whyNoLab } from '../support/lan-lab/lab.ts'
import { startServer, temporaryHome } from '../support/server.ts'

const why = whyNoLab()
const cleanups: (() => unknown)[] = []

describe.skipIf(why !== undefined)(`a stock node on the LAN${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let script: Bundle
  beforeAll(async () => {
    script = await bundle(fileURLToPath(new URL('../support/stock-host.ts', import.meta.url)))
  })
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })
  afterAll(() => script?.remove())

  async function scene(policy: string) {
    const { home, root, remove } = temporaryHome()
    const lab = new Lab(2)
    cleanups.push(remove, () => lab.down())
    mkdirSync(root, { recursive: true, mode: 0o700 })
    const content = { version: 1, groups: { default: { policy, at: 1 } }, floor: {}, resets: {} }
    writeFileSync(path.join(root, 'stock.json'), JSON.stringify(content), { mode: 0o600 })
    const ann = await startServer({ root, cwd: home, env: { SYM_NODE_NAME: 'ann' }, prefix: lab.prefix(1) })
    cleanups.push(() => ann.kill())
    const node = lab.spawn(2, script.file, 'stocky')
    await node.line(({ event }) => event === 'up')
    return { ann, node }
  }

  it.each(['announce', 'browse'])('meets a session of a group that admits it, where it can only %s, and they talk [R174]', async (how) => {
    const { ann, node } = await scene('allow')
    node.tell({ do: how })
    if (how === 'browse') {
      const found = await node.line(({ event }) => event === 'found')
      expect(found).toMatchObject({ name: 'ann', key: expect.stringMatching(/^[\w-]{43}$/) })
    }
    node.tell({ do: 'met' })
    expect(await node.line(({ event }) => event === 'met')).toMatchObject({ name: 'ann' })
    await ann.callUntil('sym_peers', {}, (text) => /stocky .*legacy {2}here \(lan\)/.test(text))
    await ann.call('sym_send', { to: 'stocky', focus: 'over the cable' })
    node.tell({ do: 'records' })
    expect(await node.line(({ event }) => event === 'record')).toMatchObject({
      focus: 'over the cable',
      isVerified: true,
      isSealed: true,
      faults: [],
    })
    node.tell({ do: 'say', focus: 'and back' })
    await ann.statusUntil(({ inbox }) => inbox.total === 1, 'its word')
  })

  it('is not looked for, and finds no listener, where no group admits any', async () => {
    const { ann, node } = await scene('off')
    node.tell({ do: 'announce' })
    await node.line(({ event }) => event === 'announced')
    node.tell({ do: 'browse' })
    // The session announces itself as ever; the record says nothing that a stock node could use.
    const found = await node.line(({ event }) => event === 'found')
    expect(found['name']).toBeUndefined()
    expect(found['key']).toBeUndefined()
    expect((await ann.status()).peersKnown).toBe(0)
  })
})
