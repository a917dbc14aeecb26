/** What a relay could tell of a private group and its mail: its traffic, its memory and its disk, searched for words that must not be there. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { runCommand } from '../support/cli-run.ts'
import { Forwarder } from '../support/other-relays.ts'
import { findInMemory } from '../support/process-memory.ts'
import { Relays, StockClient, TOKEN } from '../support/relay.ts'
import { FAST, inboxOf, Sessions } from '../support/sessions.ts'

const relays = new Relays()
const sessions = new Sessions()
afterEach(() => sessions.end())
afterAll(() => relays.end())

const GROUP = 'canary-label'
const WORDS = [
  'canary-focus',
  'canary-body',
  'canary-mail',
  'canary-observed',
  'canary-label',
  'canary-ann',
  'canary-ben',
  'canary-project',
]
/** On a relay without any client these stand in no memory, and this one does: the search sees what is there. */
const PRESENT = '018f47a0-7b21-7abc-8def-00000000c0de'

describe('a private group that has nothing but a relay', () => {
  it.skipIf(process.platform !== 'linux')(
    'is joined, talked in and written to over it, and leaves no word, no name and no group in its traffic, memory or files [R93] [R104]',
    async () => {
      const relay = await relays.start()
      const tap = await Forwarder.to(relay.url)
      relays.onEnd(() => tap.close())
      const [alice, bob] = [sessions.home({ rates: FAST }), sessions.home({ rates: FAST })]
      const env = (name: string) => ({ SYM_NODE_NAME: name, SYM_RELAY_URL: tap.url, SYM_RELAY_TOKEN: TOKEN, SYM_LISTEN: '127.0.0.1:0' })
      const run = (home: typeof alice, name: string, ...args: string[]) => runCommand({ ...home, env: env(name) }, 'canary-project', args)
      const start = (home: typeof alice, name: string, more = {}) =>
        sessions.start(home, 'canary-project', { env: { ...env(name), ...more } })

      const stranger = await StockClient.join(relay.url, PRESENT, 'stranger')
      const ann = await start(alice, 'canary-ann')
      const link = (await run(alice, 'canary-ann', 'invite', GROUP, '--private', '--yes')).out.trim()
      let ben = await start(bob, 'canary-ben')
      expect(await run(bob, 'canary-ben', 'join', link, '--yes')).toMatchObject({ code: 0 })
      await ann.callUntil('sym_peers', { here: true }, (text) => text.startsWith('1 here') && text.includes('canary-ben'), 30_000)
      const value = /Group (canary-label:[0-9a-f]{12})/.exec((await ann.call('sym_group_info')).text)?.[1] ?? ''
      expect(value).not.toBe('')
      expect((await ann.call('sym_send', { to: 'canary-ben', focus: 'canary-focus', body: 'canary-body' })).text).toMatch(
        /received|surfaced/,
      )
      await ben.call('sym_observe', { focus: 'canary-observed' })
      await ann.statusUntil(({ inbox }) => inbox.total === 1, 'the observation')
      const { nodeId, fingerprint } = await ann.status()
      await ben.kill()
      await ann.statusUntil(({ peersHere }) => peersHere === 0, 'ben is away')
      tap.seen.length = 0
      expect((await ann.call('sym_send', { to: 'canary-ben', focus: 'canary-mail' })).text).toMatch(/queued - waits at the relay/)
      await ann.call('sym_observe', { focus: 'canary-mail to all' })

      // Who is there is all that it knows, and a stranger with the same token does not know even that.
      expect(stranger.seen.map(({ type }) => type).filter((type) => type !== 'relay-ping')).toEqual(['relay-peers'])
      const memory = findInMemory(relay.child.pid ?? 0, [...WORDS, value, link.slice(-40), PRESENT])
      expect(memory).toEqual([PRESENT])
      const puts = tap.seen.filter((text) => text.includes('relay-put'))
      // Receipts are mail too.
      expect(puts.length).toBeGreaterThanOrEqual(2)
      for (const word of [nodeId, fingerprint]) expect(puts.join()).not.toContain(word)

      ben = await start(bob, 'canary-ben', { SYM_GROUP: value })
      await ben.statusUntil(({ inbox }) => inbox.total === 3, 'the mail came')
      expect((await inboxOf(ben)).map(({ focus }) => focus).sort()).toEqual(['canary-focus', 'canary-mail', 'canary-mail to all'])
      expect(tap.seen.join('\n')).not.toContain('canary')
      await stranger.end()
      await relay.kill('SIGTERM')
      const files = readdirSync(relay.state, { withFileTypes: true }).filter((entry) => entry.isFile())
      const disk = Buffer.concat(files.map(({ name }) => readFileSync(path.join(relay.state, name))))
      for (const word of [...WORDS, value, TOKEN]) expect(disk.includes(word), word).toBe(false)
    },
    120_000,
  )
})
