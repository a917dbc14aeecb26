/** Hosts that do not reach each other, with a relay that both reach: TLS as on the internet, nothing on loopback. */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Lab, whyNoLab } from '../support/lan-lab/lab.ts'
import { type RelayProcess, Relays, TOKEN } from '../support/relay.ts'
import { type ServerProcess, startServer, temporaryHome } from '../support/server.ts'
import { inboxOf } from '../support/sessions.ts'

const why = whyNoLab()
const PORT = 7343
const RELAY_HOST = 2
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function twoNetworks() {
  const { home, remove } = temporaryHome()
  const relays = new Relays()
  const lab = new Lab(3)
  cleanups.push(
    remove,
    () => lab.down(),
    () => relays.end(),
  )
  const address = /inet (\S+)\//.exec(lab.exec(RELAY_HOST, 'ip', '-4', '-o', 'addr', 'show', 'eth0'))?.[1] ?? ''
  const folder = relays.folder()
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=relay']
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, '-addext', `subjectAltName=IP:${address}`], {
    stdio: 'ignore',
  })
  const state = relays.folder()
  const start = (): Promise<RelayProcess> =>
    relays.start({ state, listen: `${address}:${PORT}`, args: ['--cert', cert, '--key', key], prefix: lab.prefix(RELAY_HOST) })
  const session = async (host: number, name: string): Promise<ServerProcess> => {
    const own = path.join(home, name)
    mkdirSync(own, { recursive: true })
    const env = { SYM_NODE_NAME: name, SYM_RELAY_URL: `wss://${address}:${PORT}`, SYM_RELAY_TOKEN: TOKEN, NODE_EXTRA_CA_CERTS: cert }
    const server = await startServer({ root: path.join(own, 'state'), cwd: own, env, prefix: lab.prefix(host) })
    cleanups.push(() => server.kill())
    return server
  }
  return { lab, start, session }
}

const byPath = (server: ServerProcess, name: string, kind: string, deadlineMs = 30_000) =>
  server.callUntil('sym_peers', {}, (text) => new RegExp(`${name} .*here \\(${kind}\\)`).test(text), deadlineMs)
const focuses = async (server: ServerProcess) => (await inboxOf(server)).map(({ focus }) => focus)

describe.skipIf(why !== undefined)(`sessions on networks of their own${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  it('meet by a relay and by nothing else; when it is gone they wait, and go on when it is back [R106] [R107]', async () => {
    const { lab, start, session } = await twoNetworks()
    for (const host of [1, 3]) lab.apart(host)
    const relay = await start()
    const [ann, ben] = await Promise.all([session(1, 'ann'), session(3, 'ben')])
    await Promise.all([byPath(ann, 'ben', 'relay'), byPath(ben, 'ann', 'relay')])
    expect((await ann.call('sym_send', { to: 'ben', focus: 'across' })).text).toMatch(/ben .*(received|surfaced)/)
    await relay.kill()
    await ann.callUntil('sym_peers', {}, (text) => /ben .*away/.test(text), 30_000)
    expect((await ann.call('sym_send', { to: 'ben', focus: 'while it is gone' })).text).toMatch(/queued/)
    await start()
    await ann.statusUntil(({ outbox }) => outbox.waiting === 0, 'it arrived', 60_000)
    expect(await focuses(ben)).toEqual(['across', 'while it is gone'])
  }, 150_000)

  it('change from the cable to the relay and back, as one peer, and lose nothing on the way [R106]', async () => {
    const { lab, start, session } = await twoNetworks()
    await start()
    const [ann, ben] = await Promise.all([session(1, 'ann'), session(3, 'ben')])
    await Promise.all([byPath(ann, 'ben', 'lan'), byPath(ben, 'ann', 'lan')])
    await ann.call('sym_send', { to: 'ben', focus: 'by cable' })
    for (const host of [1, 3]) lab.apart(host)
    // Nobody is told that the way is gone: what is said into it is sent again over the other.
    await ann.call('sym_send', { to: 'ben', focus: 'into the gap' })
    await Promise.all([byPath(ann, 'ben', 'relay', 60_000), byPath(ben, 'ann', 'relay', 60_000)])
    await ann.statusUntil(({ outbox }) => outbox.waiting === 0, 'it arrived', 60_000)
    expect((await ben.call('sym_send', { to: 'ann', focus: 'by relay' })).text).toMatch(/ann .*(received|surfaced)/)
    for (const host of [1, 3]) lab.near(host)
    await Promise.all([byPath(ann, 'ben', 'lan', 60_000), byPath(ben, 'ann', 'lan', 60_000)])
    expect(await focuses(ben)).toEqual(['by cable', 'into the gap'])
    expect(await focuses(ann)).toEqual(['by relay'])
    expect((await ann.status()).peersKnown).toBe(1)
  }, 240_000)

  it('that are never up together reach each other by what waits at the relay [R71]', async () => {
    const { lab, start, session } = await twoNetworks()
    for (const host of [1, 3]) lab.apart(host)
    await start()
    const [ann, ben] = await Promise.all([session(1, 'ann'), session(3, 'ben')])
    await Promise.all([byPath(ann, 'ben', 'relay'), byPath(ben, 'ann', 'relay')])
    await ben.kill()
    await ann.callUntil('sym_send', { to: 'ben', focus: 'for later', key: 'once' }, (text) => /waits at the relay/.test(text), 60_000)
    await ann.kill()
    const again = await session(3, 'ben')
    await again.call('sym_status')
    await again.statusUntil(({ inbox }) => inbox.total === 1, 'it arrived', 60_000)
    expect(await focuses(again)).toEqual(['for later'])
  }, 180_000)
})
