import { describe, expect, it } from 'vitest'
import { toBase64Url, toHex, utf8 } from '../../../server/src/base/bytes.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { parseCmbKey } from '../../../server/src/mmp/address.ts'
import { buildCat7 } from '../../../server/src/mmp/cat7.ts'
import type { ApplicationData, Cmb, CmbKey } from '../../../server/src/mmp/cmb.ts'
import { claimedAuthor, decodeRecord, encodeRecord, type MintOptions, mintCmb } from '../../../server/src/mmp/record.ts'
import { alice, bob } from '../../vectors/fixtures.ts'

const fields = buildCat7({ focus: 'the bridge is open', mood: { text: 'calm', valence: 0.25, arousal: -0.5 } })
const body: ApplicationData = { mediaType: 'text/plain', schema: '', bytes: utf8('first line\nsecond line\u0000') }
const parent = keyOf('ab')

function keyOf(byte: string): CmbKey {
  const key = parseCmbKey(`cmb-${byte.repeat(32)}`)
  if (key === undefined) throw new Error('no key')
  return key
}

function mint(changes: Partial<MintOptions> = {}): Cmb {
  const author = { nodeId: alice.nodeId, name: 'alice' }
  return mintCmb({ fields, group: 'default', createdAt: 1_790_000_000_000, author, sign: alice.sign, ...changes })
}

/** A copy of the wire form that a test may damage. */
// biome-ignore lint/suspicious/noExplicitAny: hostile forms are made here on purpose
function wire(cmb: Cmb = mint()): any {
  return JSON.parse(JSON.stringify(encodeRecord(cmb)))
}

/** Bytes as hex: a Buffer and an array of the same bytes are equal here. */
function comparable({ application, ...cmb }: Cmb) {
  return { ...cmb, application: application && { ...application, bytes: toHex(application.bytes) } }
}

function ruleOf(record: unknown, key: Uint8Array = alice.publicKey): string {
  const decoded = decodeRecord(record, key)
  return decoded.kind === 'ok' ? 'ok' : decoded.rule
}

describe('a record', () => {
  it.each([
    ['a broadcast', {}],
    ['directed', { to: bob.nodeId }],
    ['with parents', { parents: [keyOf('cd'), parent] }],
    ['with a body', { application: body }],
    ['with a body of zero bytes', { application: { ...body, bytes: new Uint8Array() } }],
  ] satisfies [string, Partial<MintOptions>][])('comes back as it was minted: %s [R46]', (_, changes) => {
    const cmb = mint(changes)
    const decoded = decodeRecord(wire(cmb), alice.publicKey)
    expect(decoded.kind === 'ok' && comparable(decoded.cmb)).toEqual(comparable(cmb))
  })

  it('has another id but the same address when the same words are said again', () => {
    const [one, again] = [mint(), mint({ createdAt: 1_790_000_000_001 })]
    expect(again.key).toBe(one.key)
    expect(again.id).not.toBe(one.id)
  })

  it('tells whose key is needed, and nothing of what is no record', () => {
    expect(claimedAuthor(wire())).toBe(alice.nodeId)
    for (const value of [undefined, null, 1, [], {}, { metadata: null }, { metadata: { createdByNodeId: 1 } }]) {
      expect(claimedAuthor(value)).toBeUndefined()
    }
  })

  it('ignores members that it does not know, and sigAlg', () => {
    const record = wire()
    record.extra = 1
    record.metadata.later = { a: 1 }
    record.metadata.sigAlg = 'none'
    record.categories.later = {}
    record.categories.focus.vector = [1]
    expect(ruleOf(record)).toBe('ok')
  })
})

describe('an author id', () => {
  it('is read in any case, and signed in lowercase', () => {
    const record = wire()
    record.metadata.createdByNodeId = alice.nodeId.toUpperCase()
    expect(decodeRecord(record, alice.publicKey)).toMatchObject({ kind: 'ok', cmb: { author: { nodeId: alice.nodeId } } })
  })
})

describe('a damaged record', () => {
  const required = [
    'key',
    'addressScheme',
    'signatureSuite',
    'createdByNodeId',
    'createdBy',
    'createdTimestamp',
    'room',
    'assertionId',
    'sig',
  ]

  it.each(required)('is refused without metadata.%s', (name) => {
    const record = wire()
    delete record.metadata[name]
    expect(ruleOf(record)).toBe('record-invalid')
  })

  it.each([...required, 'to', 'lineage', 'application'])('is refused with a metadata.%s of a wrong type', (name) => {
    for (const value of [true, 1.5, -1, '', 'x', [], [null], { parents: 'x' }, { parents: [1] }]) {
      const record = wire()
      record.metadata[name] = value
      expect(ruleOf(record), JSON.stringify(value)).not.toBe('ok')
    }
  })

  it.each([undefined, null, 1, 'text', [], {}, { metadata: {} }, { categories: {} }, { categories: 'sealed', metadata: {} }])(
    'is refused as %j',
    (value) => {
      expect(ruleOf(value)).toBe('record-invalid')
    },
  )

  it('is refused when any signed fact was changed', () => {
    const changes: Record<string, unknown> = {
      createdByNodeId: bob.nodeId,
      createdBy: 'mallory',
      createdTimestamp: 1_790_000_000_001,
      room: 'other',
      to: bob.nodeId,
      lineage: { parents: [parent], method: 'emit' },
    }
    for (const [name, value] of Object.entries(changes)) {
      const record = wire()
      record.metadata[name] = value
      expect(ruleOf(record), name).toBe('assertion-mismatch')
    }
  })

  it('is refused when a field was changed, with or without its own hash', () => {
    const record = wire()
    record.categories.focus.text = 'the bridge is closed'
    expect(ruleOf(record)).toBe('address-mismatch')
    delete record.categories.focus.meta.key
    expect(ruleOf(record)).toBe('address-mismatch')
    const lying = wire()
    lying.categories.issue.meta.key = '00'.repeat(32)
    expect(ruleOf(lying)).toBe('address-mismatch')
  })

  it('is refused when references of a single field were added', () => {
    const record = wire()
    record.categories.focus.meta.parents = [parent]
    expect(ruleOf(record)).toBe('assertion-mismatch')
  })

  it('is refused under another key, and with another signature', () => {
    expect(ruleOf(wire(), bob.publicKey)).toBe('bad-signature')
    for (const sig of ['', 'x', toBase64Url(new Uint8Array(64)), `${mint().signature}A`, mint({ createdAt: 1 }).signature]) {
      const record = wire()
      record.metadata.sig = sig
      expect(ruleOf(record)).toBe('bad-signature')
    }
  })

  it('is refused under another suite or address scheme', () => {
    for (const name of ['signatureSuite', 'addressScheme']) {
      const record = wire()
      record.metadata[name] = 'mmp-sig-v3'
      expect(ruleOf(record)).toBe('suite-unknown')
    }
  })

  it('is refused when its body is missing, added, changed or of another length', () => {
    const withBody = () => wire(mint({ application: body }))
    for (const data of [undefined, '', toBase64Url(utf8('other')), toBase64Url(body.bytes).slice(0, -1), `${toBase64Url(body.bytes)}=`]) {
      expect(ruleOf({ ...withBody(), applicationData: data })).toBe('application-mismatch')
    }
    expect(ruleOf({ ...wire(), applicationData: '' })).toBe('application-mismatch')
    const undescribed = withBody()
    undescribed.metadata.application = null
    expect(ruleOf(undescribed)).toBe('application-mismatch')
    const renamed = withBody()
    renamed.metadata.application.mediaType = 'text/html'
    expect(ruleOf(renamed)).toBe('assertion-mismatch')
  })
})

describe('limits of a record', () => {
  const bytes = (length: number): ApplicationData => ({ ...body, bytes: new Uint8Array(length) })
  const parents = (count: number) => Array.from({ length: count }, () => parent)

  it('are kept by the author, in words', () => {
    expect(mint({ application: bytes(LIMITS.cmb.payloadBytes) }).application?.bytes).toHaveLength(LIMITS.cmb.payloadBytes)
    expect(() => mint({ application: bytes(LIMITS.cmb.payloadBytes + 1) })).toThrow(/262145 bytes, the limit is 262144/)
    expect(mint({ parents: parents(LIMITS.cmb.parents) }).parents).toHaveLength(LIMITS.cmb.parents)
    expect(() => mint({ parents: parents(LIMITS.cmb.parents + 1) })).toThrow(expect.objectContaining({ code: 'limit-exceeded' }))
    expect(() => mint({ author: { nodeId: alice.nodeId, name: 'a\nb' } })).toThrow(expect.objectContaining({ code: 'name-invalid' }))
  })

  it('are kept by the reader', () => {
    expect(ruleOf(wire(mint({ application: bytes(LIMITS.cmb.payloadBytes) })))).toBe('ok')
    const large = wire(mint({ application: body }))
    large.metadata.application.byteLength = LIMITS.cmb.payloadBytes + 1
    expect(ruleOf(large)).toBe('application-too-large')
    const related = wire()
    related.metadata.lineage = { parents: parents(LIMITS.cmb.parents + 1) }
    expect(ruleOf(related)).toBe('record-invalid')
  })
})
