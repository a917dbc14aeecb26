import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { buildCat7 } from '../../../server/src/mmp/cat7.ts'
import { encodeCmbFrame, parseFrame } from '../../../server/src/mmp/frames.ts'
import {
  RECEIPT_STATES,
  type ReceiptFacts,
  type ReceiptItem,
  receiptPayload,
  signReceipt,
  verifyReceipt,
} from '../../../server/src/mmp/receipt.ts'
import { encodeRecord, mintCmb } from '../../../server/src/mmp/record.ts'
import { alice, bob, carol } from '../../vectors/fixtures.ts'

const cmb = mintCmb({
  fields: buildCat7({ focus: 'x' }),
  group: 'default',
  createdAt: 1,
  author: { nodeId: alice.nodeId, name: 'alice' },
  sign: alice.sign,
})
const item: ReceiptItem = { of: cmb.id, state: 'surfaced', way: 'hook', at: 1_790_000_000_000 }
const facts: ReceiptFacts = { seq: 7, items: [{ of: cmb.id, state: 'received', at: 1_790_000_000_000 }, item] }
const parties = { recipient: bob.nodeId, author: alice.nodeId }
const receipt = signReceipt(facts, parties, bob.sign)

const envelope = { hop: 0, auto: false, chain: ['a'.repeat(64)] }
const FRAMES = {
  cmb: { type: 'cmb', timestamp: 1, cmb: encodeRecord(cmb), to: bob.nodeId, directed: true, tags: ['build'], envelope },
  ping: { type: 'ping' },
  pong: { type: 'pong' },
  error: { type: 'error', code: 2001 },
  profile: { type: 'mesh-opaque-v1-profile', name: 'alice', features: ['mail-v1'] },
  presence: {
    type: 'mesh-opaque-v1-presence',
    seq: 3,
    status: 'working',
    summary: 'builds',
    reach: 'push',
    hidden: true,
    role: 'reviewer',
    tags: ['rust', 'ci'],
    folder: 'shop',
    branch: 'fix/login form',
    place: 'ab'.repeat(16),
    repository: 'cd'.repeat(16),
    files: ['ef'.repeat(16)],
  },
  receipt: { type: 'mesh-opaque-v1-receipt', ...receipt },
  ack: { type: 'mesh-opaque-v1-ack', seq: 7 },
  busy: { type: 'mesh-opaque-v1-busy', of: cmb.id, retryAfterMs: 500 },
}
const SAID = ['status', 'summary', 'reach', 'hidden', 'role', 'folder', 'branch', 'place', 'repository', 'files']
const OPTIONAL = new Set(['envelope', 'to', 'directed', 'tags', ...SAID])
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

  it.each(['mesh-opaque-v1-newer', 'x-vendor-thing', 'message', 'toString', '__proto__', ''])('says that it does not know %j', (type) => {
    expect(parseFrame({ type })).toEqual({ kind: 'unknown', type })
  })

  const member = (step: string, members: object) => ({ type: 'mesh-opaque-v1-member', step, ...members })
  const mac = 'A'.repeat(43)
  it.each([
    member('knock', { epochs: [{ number: 1, mac }], invite: { id: '0123456789abcdef', mac } }),
    member('identity', { user: mac, node: 'AA' }),
    member('grant', { certificate: 'AA', list: 'AA', secret: mac }),
    member('epoch', { list: 'AA', secret: mac }),
    member('refused', { reason: 'invite-used' }),
  ])('takes a step of a proof of membership: %j', (frame) => {
    expect(parseFrame(frame)).toEqual({ kind: 'ok', frame })
  })

  it.each([
    member('open', {}),
    member('knock', { epochs: Array(9).fill({ number: 1, mac }) }),
    member('knock', { epochs: [{ number: -1, mac }] }),
    member('identity', { user: 'short', node: 'AA' }),
    member('grant', { certificate: 'A'.repeat(65_537), list: 'AA', secret: mac }),
    member('refused', { reason: 'Words of a peer, for a person to read' }),
  ])('takes no other form of it: %j', (frame) => {
    expect(parseFrame(frame).kind).toBe('rejected')
  })

  it('refuses a receipt about nothing, about too much, or with one item that is none', () => {
    const about = (...items: readonly unknown[]) => parseFrame({ ...FRAMES.receipt, items }).kind
    expect(about(item)).toBe('ok')
    expect(about()).toBe('rejected')
    expect(about(...Array.from({ length: LIMITS.receipt.items }, () => item))).toBe('ok')
    expect(about(...Array.from({ length: LIMITS.receipt.items + 1 }, () => item))).toBe('rejected')
    for (const wrong of [{ of: 'x' }, { state: 'delivered' }, { way: 'A sentence.' }, { at: -1 }])
      expect(about(item, { ...item, ...wrong })).toBe('rejected')
  })

  it('reads a cmb frame that was put together from a record kept as text', () => {
    const { cmb: record, envelope: _, ...frame } = FRAMES.cmb
    const text = encodeCmbFrame(JSON.stringify(record), { timestamp: 1, tags: ['build'], to: bob.nodeId, directed: true })
    expect(parseFrame(JSON.parse(text))).toEqual({ kind: 'ok', frame: { ...frame, cmb: record } })
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
      const plain = { seq: 7, items: [{ of: cmb.id, state, at: 1 }] }
      expect(verifyReceipt(signReceipt(plain, parties, bob.sign), parties, bob.publicKey)).toBe(true)
    }
  })

  it('signs these bytes', () => {
    expect(Buffer.from(receiptPayload(facts, parties)).toString()).toBe(
      `mesh-receipt-v1\n36:${bob.nodeId}36:${alice.nodeId}1:71:269:${cmb.id}8:received0:13:179000000000069:${cmb.id}8:surfaced4:hook13:1790000000000`,
    )
  })

  it('does not verify with any fact, node or key changed', () => {
    const items = [{ state: 'answered' as const }, { way: 'push' }, { at: 1 }].map((change) => ({
      items: [facts.items[0] ?? item, { ...item, ...change }],
    }))
    const lists = [{ items: [] }, { items: [item] }, { items: facts.items.toReversed() }, { items: [...facts.items, item] }]
    const changes = [...items, ...lists, { seq: 8 }, { sig: '' }, { sig: `${receipt.sig}A` }]
    for (const change of changes) expect(verifyReceipt({ ...receipt, ...change }, parties, bob.publicKey)).toBe(false)
    expect(verifyReceipt(receipt, { ...parties, author: carol.nodeId }, bob.publicKey)).toBe(false)
    expect(verifyReceipt(receipt, { ...parties, recipient: carol.nodeId }, bob.publicKey)).toBe(false)
    expect(verifyReceipt(receipt, parties, carol.publicKey)).toBe(false)
  })
})
