import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url, utf8 } from '../../../server/src/base/bytes.ts'
import { systemClock, systemRandom } from '../../../server/src/base/clock.ts'
import { MeshError } from '../../../server/src/base/errors.ts'
import { type Identity, openIdentity } from '../../../server/src/identity/identity.ts'
import { fingerprintOf } from '../../../server/src/identity/ids.ts'
import { signerFromSeed, verifySignature } from '../../../server/src/identity/keys.ts'

const SEED = new Uint8Array(32).fill(7)
const STOCK = {
  nodeId: '550e8400-e29b-41d4-a716-446655440000',
  name: 'alice',
  hostname: 'laptop.local',
  createdAt: 1_700_000_000_000,
  publicKey: toBase64Url(signerFromSeed(SEED).publicKey),
  privateKey: toBase64Url(SEED),
}

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'identity-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const deps = { clock: { ...systemClock, now: () => 1_800_000_000_000 }, random: systemRandom, hostname: 'box' }
const open = (name = 'alice') => openIdentity(root, name, deps)
const fileOf = (name = 'alice') => path.join(root, 'nodes', name, 'identity.json')
const onDisk = () => JSON.parse(readFileSync(fileOf(), 'utf8'))

function put(content: string, mode = 0o600): void {
  mkdirSync(path.dirname(fileOf()), { recursive: true })
  writeFileSync(fileOf(), content, { mode })
  chmodSync(fileOf(), mode)
}

function put1(change: object): void {
  put(JSON.stringify({ ...STOCK, ...change }))
}

function refusal(): MeshError {
  const before = existsSync(fileOf()) ? readFileSync(fileOf()) : undefined
  try {
    open()
  } catch (thrown) {
    if (before !== undefined) expect(readFileSync(fileOf())).toEqual(before)
    if (thrown instanceof MeshError) return thrown
  }
  throw new Error('it was not refused')
}

function expectSigns(identity: Identity): void {
  const message = utf8('hello')
  expect(verifySignature(identity.publicKey, message, identity.sign(message))).toBe(true)
  expect(identity.fingerprint).toBe(fingerprintOf(identity.publicKey))
}

describe('a new identity', () => {
  it('is written in the stock layout and is the same at the next start [R17]', () => {
    const made = open()
    expect(Object.keys(onDisk())).toEqual(['nodeId', 'name', 'hostname', 'createdAt', 'publicKey', 'privateKey'])
    expect(readFileSync(fileOf(), 'utf8')).toBe(JSON.stringify(onDisk(), null, 2))
    expect(onDisk()).toMatchObject({ nodeId: made.nodeId, name: 'alice', hostname: 'box.local', createdAt: 1_800_000_000_000 })
    expect(fromBase64Url(onDisk().privateKey, 32)).toBeDefined()
    const again = open()
    expect([again.nodeId, again.fingerprint, again.createdAt]).toEqual([made.nodeId, made.fingerprint, made.createdAt])
    expectSigns(again)
  })

  it.skipIf(process.platform === 'win32')('is private from the root folder down [R17 B4]', () => {
    rmSync(root, { recursive: true })
    open()
    expect(statSync(fileOf()).mode & 0o777).toBe(0o600)
    for (const folder of [root, path.join(root, 'nodes'), path.dirname(fileOf())]) expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('shows its seed nowhere', () => {
    const made = open()
    expect(JSON.stringify(made)).not.toContain(onDisk().privateKey)
  })

  it.each([
    '../../x',
    '..',
    '.',
    '',
    'a/b',
    'a\\b',
    'a\0b',
    '.hidden',
    'con',
    'x'.repeat(65),
    'a\nb',
    'a\u202eb',
    '\ud800',
    'ends.',
    'e\u0301',
  ])('is not made under the name %j [B7]', (name) => {
    expect(() => open(name)).toThrow(expect.objectContaining({ code: 'name-invalid' }))
    expect(existsSync(path.join(root, 'nodes'))).toBe(false)
  })
})

describe('an existing identity', () => {
  it('keeps working and is not rewritten [R17]', () => {
    put1({ extra: { kept: true } })
    const before = readFileSync(fileOf(), 'utf8')
    const found = open()
    expect(found).toMatchObject({ nodeId: STOCK.nodeId, hostname: 'laptop.local', createdAt: STOCK.createdAt, name: 'alice' })
    expect(readFileSync(fileOf(), 'utf8')).toBe(before)
    expectSigns(found)
  })

  it('without keys gets keys and keeps its id', () => {
    put1({ publicKey: undefined, privateKey: undefined, extra: 1 })
    const found = open()
    expect(found.nodeId).toBe(STOCK.nodeId)
    expect(onDisk()).toMatchObject({ nodeId: STOCK.nodeId, extra: 1, publicKey: toBase64Url(found.publicKey) })
    expect(open().fingerprint).toBe(found.fingerprint)
  })

  it('with a private key alone gets the public key that belongs to it', () => {
    put1({ publicKey: undefined })
    expect(toBase64Url(open().publicKey)).toBe(STOCK.publicKey)
    expect(onDisk().publicKey).toBe(STOCK.publicKey)
    expect(onDisk().privateKey).toBe(STOCK.privateKey)
  })

  it('with a bare host name gets the local domain', () => {
    put1({ hostname: 'xmesh-hp' })
    expect(open().hostname).toBe('xmesh-hp.local')
    expect(onDisk().hostname).toBe('xmesh-hp.local')
  })

  it.skipIf(process.platform === 'win32')('that others may read is refused with the command that repairs it [B4]', () => {
    for (const mode of [0o644, 0o640, 0o604]) {
      put(JSON.stringify(STOCK), mode)
      expect(refusal()).toMatchObject({ code: 'identity-unreadable', message: expect.stringContaining(`chmod 600 '${fileOf()}'`) })
    }
    chmodSync(fileOf(), 0o600)
    expect(open().nodeId).toBe(STOCK.nodeId)
  })
})

describe('a damaged identity stops the start, is not overwritten, and the error names the file [R17]:', () => {
  const cases: readonly (readonly [string, () => void])[] = [
    ['empty', () => put('')],
    ['cut off', () => put(JSON.stringify(STOCK).slice(0, -20))],
    ['not UTF-8', () => put('\u00ff')],
    ['no object', () => put('[]')],
    ['without nodeId', () => put1({ nodeId: undefined })],
    ['with a nodeId that is no UUID', () => put1({ nodeId: '../x' })],
    ['with a public key alone', () => put1({ privateKey: undefined })],
    ['with a short private key', () => put1({ privateKey: toBase64Url(SEED.slice(1)) })],
    ['with keys that do not belong together', () => put1({ publicKey: toBase64Url(signerFromSeed(SEED.map((b) => b + 1)).publicKey) })],
    ['with a key of the wrong kind', () => put1({ privateKey: 5 })],
    ['larger than an identity can be', () => put(JSON.stringify({ ...STOCK, extra: 'x'.repeat(70_000) }))],
  ]
  it.each(cases)('%s', (_, prepare) => {
    prepare()
    const error = refusal()
    expect(error.code).toBe('identity-unreadable')
    expect(error.message).toContain(fileOf())
    expect(error.message).toMatch(/Restore it from a copy, or move it away/)
    expect(error.message).not.toContain(STOCK.privateKey)
  })

  it('a link or a folder', () => {
    mkdirSync(fileOf(), { recursive: true })
    expect(refusalWithoutContent().code).toBe('identity-unreadable')
    rmSync(fileOf(), { recursive: true })
    writeFileSync(path.join(root, 'elsewhere.json'), JSON.stringify(STOCK), { mode: 0o600 })
    symlinkSync(path.join(root, 'elsewhere.json'), fileOf())
    expect(refusal().code).toBe('identity-unreadable')
  })

  function refusalWithoutContent(): MeshError {
    try {
      open()
    } catch (thrown) {
      if (thrown instanceof MeshError) return thrown
    }
    throw new Error('it was not refused')
  }
})
