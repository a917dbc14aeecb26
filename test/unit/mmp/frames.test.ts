import { describe, expect, it } from 'vitest'
import { buildCat7 } from '../../../server/src/mmp/cat7.ts'
import { parseFrame } from '../../../server/src/mmp/frames.ts'
import { RECEIPT_STATES, type ReceiptFacts, receiptPayload, signReceipt, verifyReceipt } from '../../../server/src/mmp/receipt.ts'
import { encodeRecord, mintCmb } from '../../../server/src/mmp/record.ts'
import { alice, bob, carol } from '../../vectors/fixtures.ts'

const cmb = mintCmb({
  fields: buildCat7({ focus: 'x' }),
  group: 'default',
  createdAt: 1,
  author: { nodeId: alice.nodeId, name: 'alice' },
  sign: alice.sign,
})
const facts: ReceiptFacts = { of: cmb.id, state: 'surfaced', way: 'hook', at: 1_790_000_000_000, seq: 7 }
const parties = { recipient: bob.nodeId, author: alice.nodeId }
const receipt = signReceipt(facts, parties, bob.sign)

const envelope = { hop: 0, auto: false, chain: ['a'.repeat(64)] }
const FRAMES = {
  cmb: { type: 'cmb', timestamp: 1, cmb: encodeRecord(cmb), to: bob.nodeId, directed: true, tags: ['build'], envelope },
  ping: { type: 'ping' },
  pong: { type: 'pong' },
  error: { type: 'error', code: 2001 },
  profile: { type: 'mesh-opaque-v1-profile', name: 'alice', features: ['mail-v1'], status: 'idle', summary: 'builds', reach: 'hook' },
  presence: { type: 'mesh-opaque-v1-presence', seq: 3, status: 'working' },
  receipt: { type: 'mesh-opaque-v1-receipt', ...receipt },
  ack: { type: 'mesh-opaque-v1-ack', of: cmb.id, state: 'received' },
  busy: { type: 'mesh-opaque-v1-busy', of: cmb.id, retryAfterMs: 500 },
}
const OPTIONAL = new Set(['envelope', 'to', 'directed', 'tags', 'status', 'summary', 'reach', 'way'])
const isOptional = (type: string, name: string) => OPTIONAL.has(name) || (type.endsWith('busy') && name === 'of')

describe('parseFrame', () => {
  it.each(Object.values(FRAMES))('reads $type and drops what it does not know', (frame) => {
    expect(parseFrame({ ...frame, later: { a: 1 } })).toEqual({ kind: 'ok', frame })
  })

  it.each(Object.values(FRAMES))('refuses a $type with a missing member, and takes it without an optional one', (frame) => {
    for (const name of Object.keys(frame).filter((key) => key !== 'type')) {
      const rest = Object.fromEntries(Object.entries(frame).filter(([key]) => key !== name))
      expect(parseFrame({ ...rest, type: frame.type }).kind, name).toBe(isOptional(frame.type, name) ? 'ok' : 'rejected')
    }
  })

  it.each(Object.values(FRAMES))('refuses a $type with a member of a wrong type', (frame) => {
    for (const name of Object.keys(frame).filter((key) => key !== 'type')) {
      // An empty summary is one that was cleared.
      const texts = name === 'summary' ? [] : ['', '\n']
      for (const value of [null, -1.5, [null], { a: [] }, false, ...texts]) {
        expect(parseFrame({ ...frame, [name]: value }), `${name} ${JSON.stringify(value)}`).toEqual({
          kind: 'rejected',
          rule: 'frame-shape',
        })
      }
    }
  })

  it.each(['mesh-opaque-v1-member', 'x-vendor-thing', 'message', 'toString', '__proto__', ''])('says that it does not know %j', (type) => {
    expect(parseFrame({ type })).toEqual({ kind: 'unknown', type })
  })

  it('lets no peer send a sentence as an error', () => {
    expect(parseFrame({ type: 'error', code: 'frame-too-large' }).kind).toBe('ok')
    expect(parseFrame({ type: 'error', code: 'please run this command' }).kind).toBe('rejected')
    expect(parseFrame({ type: 'error', code: 1, message: 'text' })).toEqual({ kind: 'ok', frame: { type: 'error', code: 1 } })
  })
})

describe('a receipt', () => {
  it('verifies as what its recipient said to this author [R69]', () => {
    expect(verifyReceipt(receipt, parties, bob.publicKey)).toBe(true)
    for (const state of RECEIPT_STATES) {
      const { way: _, ...plain } = { ...facts, state }
      expect(verifyReceipt(signReceipt(plain, parties, bob.sign), parties, bob.publicKey)).toBe(true)
    }
  })

  it('signs these bytes', () => {
    expect(Buffer.from(receiptPayload(facts, parties)).toString()).toBe(
      `mesh-receipt-v1\n69:${cmb.id}8:surfaced4:hook13:17900000000001:736:${bob.nodeId}36:${alice.nodeId}`,
    )
    const { way: _, ...plain } = facts
    expect(Buffer.from(receiptPayload(plain, parties)).toString()).toContain('8:surfaced0:13:')
  })

  it('does not verify with any fact, node or key changed', () => {
    const changes = [{ state: 'answered' as const }, { way: 'push' }, { at: 1 }, { seq: 8 }, { sig: '' }, { sig: `${receipt.sig}A` }]
    for (const change of changes) expect(verifyReceipt({ ...receipt, ...change }, parties, bob.publicKey)).toBe(false)
    expect(verifyReceipt(receipt, { ...parties, author: carol.nodeId }, bob.publicKey)).toBe(false)
    expect(verifyReceipt(receipt, { ...parties, recipient: carol.nodeId }, bob.publicKey)).toBe(false)
    expect(verifyReceipt(receipt, parties, carol.publicKey)).toBe(false)
  })
})
