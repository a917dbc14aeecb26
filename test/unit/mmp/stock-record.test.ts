/** Records and frames of stock nodes: what comes back, what is refused, and what the published data says. */
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, utf8 } from '../../../server/src/base/bytes.ts'
import { x25519FromSeed } from '../../../server/src/identity/keys.ts'
import { decodeStockKey, encodeStockKey } from '../../../server/src/identity/stock-keys.ts'
import { flatAddress, parseBlockKey } from '../../../server/src/mmp/address.ts'
import { buildCat7 } from '../../../server/src/mmp/cat7.ts'
import { type Cmb, type CmbKey, FIELD_NAMES } from '../../../server/src/mmp/cmb.ts'
import { decodeJson, type JsonObject } from '../../../server/src/mmp/json.ts'
import { encodeRecord, mintCmb } from '../../../server/src/mmp/record.ts'
import { encodeStockCmb, encodeStockHandshake, parseStockFrame, readAttestation } from '../../../server/src/mmp/stock-frames.ts'
import {
  encodeFlat,
  encodeStock,
  encodeTwoSection,
  mintFlat,
  mintTwoSection,
  readStockRecord,
  type StockWords,
} from '../../../server/src/mmp/stock-record.ts'
import { openStockRecord, sealStockRecord } from '../../../server/src/secure/stock-seal.ts'
import { alice, bob, nodeId } from '../../vectors/fixtures.ts'
import { isMissing, published, skipReason } from '../../vectors/published.ts'

const author = { nodeId: alice.nodeId, publicKey: alice.publicKey, group: 'default' }
const said: StockWords = {
  fields: buildCat7({ focus: 'the bridge is open', mood: { text: 'calm', valence: 0.25 } }),
  group: 'default',
  createdAt: 1_790_000_000_000,
  author: { nodeId: alice.nodeId, name: 'alice' },
  publicKey: alice.publicKey,
  sign: (bytes) => alice.sign(bytes),
}
const throughJson = (record: JsonObject): JsonObject => JSON.parse(JSON.stringify(record))
const ruleOf = (record: JsonObject, by = author): string => {
  const read = readStockRecord(throughJson(record), by)
  return read.kind === 'ok' ? 'ok' : read.rule
}
const parent = (digit: string): CmbKey => {
  const key = parseBlockKey(`cmb-${digit.repeat(64)}`)
  if (!key) throw new Error('no key')
  return key
}

const text = fc.option(fc.string({ unit: 'binary', maxLength: 60 }), { nil: undefined })
// JSON has no minus zero.
const scale = fc.option(
  fc.double({ min: -1, max: 1, noNaN: true }).map((value) => value + 0),
  { nil: undefined },
)
const words = fc
  .record({
    input: fc.record({
      focus: text,
      issue: text,
      intent: text,
      motivation: text,
      commitment: text,
      perspective: text,
      mood: fc.record({ text, valence: scale, arousal: scale }),
    }),
    to: fc.constantFrom(undefined, bob.nodeId),
    parents: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
    createdAt: fc.nat(2 ** 48),
    name: fc.constantFrom('alice', 'Ålice 2', 'café'),
    group: fc.constantFrom('default', 'backend-team'),
  })
  .map(
    ({ input, to, parents, createdAt, name, group }): StockWords => ({
      ...said,
      fields: buildCat7(input),
      group,
      to,
      parents: parents.map(parent),
      createdAt,
      author: { nodeId: alice.nodeId, name },
    }),
  )

describe('a record of a stock node', () => {
  const forms: readonly [string, (words: StockWords) => Cmb, (cmb: Cmb) => JsonObject][] = [
    ['flat', mintFlat, encodeFlat],
    ['two-section', mintTwoSection, encodeTwoSection],
    ['of MMP 2.0', (of) => mintCmb(of), encodeRecord],
  ]
  it.each(forms)('comes back as it was signed: %s [R174]', (_, mint, encode) => {
    fc.assert(
      fc.property(words, (any) => {
        const cmb = mint(any)
        const read = readStockRecord(throughJson(encode(cmb)), author)
        expect(read).toMatchObject({ kind: 'ok', isSigned: true, cmb: { ...cmb, application: undefined } })
        if (read.kind === 'ok') expect(encode(read.cmb)).toEqual(encode(cmb))
      }),
    )
  })

  it('in both forms at once is read by nodes of either generation [R174]', () => {
    fc.assert(
      fc.property(words, (any) => {
        const dual = throughJson(encodeStock('dual', any))
        const { metadata: _m, categories: _c, ...flat } = dual
        expect(readStockRecord(dual, author)).toMatchObject({ kind: 'ok', form: 'two-section', isSigned: true })
        expect(readStockRecord(flat, author)).toMatchObject({ kind: 'ok', form: 'flat', isSigned: true })
        expect(dual['fields']).toEqual(dual['categories'])
      }),
    )
  })

  it.each(['flat', 'two-section'] as const)('is refused when a word, the author, the audience or the key is another: %s', (form) => {
    const record = throughJson(encodeStock(form, said))
    expect(ruleOf(record)).toBe('ok')
    const other = throughJson(encodeStock(form, { ...said, fields: buildCat7({ focus: 'the bridge is shut' }) }))
    const container = form === 'flat' ? 'fields' : 'categories'
    expect(ruleOf({ ...record, [container]: other[container] })).toBe('address-mismatch')
    expect(ruleOf(record, { ...author, publicKey: bob.publicKey })).toBe('bad-signature')
    const change = (facts: JsonObject): JsonObject =>
      form === 'flat' ? { ...record, ...facts } : { ...record, metadata: { ...(record['metadata'] as JsonObject), ...facts } }
    for (const facts of [{ createdBy: 'mallory' }, { to: bob.nodeId }, { createdAt: 5, createdTimestamp: 5 }, { group: 'x', room: 'x' }])
      expect(ruleOf(change(facts))).toBe('bad-signature')
    expect(ruleOf({ ...record, [container]: 'sealed' })).toBe('sealed')
    expect(ruleOf({ key: 'cmb-no' })).toBe('record-invalid')
  })

  it('without a signature says so, and is never taken for the signed one', () => {
    const { sig: _, sigAlg: _a, ...bare } = throughJson(encodeStock('flat', said))
    const [unsigned, signed] = [readStockRecord(bare, author), readStockRecord(throughJson(encodeStock('flat', said)), author)]
    expect(unsigned).toMatchObject({ kind: 'ok', isSigned: false })
    expect(signed).toMatchObject({ kind: 'ok', isSigned: true })
    if (unsigned.kind === 'ok' && signed.kind === 'ok') expect(unsigned.cmb.id).not.toBe(signed.cmb.id)
  })

  it('of the same words by another key has another id: a copy is not taken for the original', () => {
    const copy = mintTwoSection({ ...said, publicKey: bob.publicKey, sign: (bytes) => bob.sign(bytes) })
    const own = mintTwoSection(said)
    expect(copy.key).toBe(own.key)
    expect(copy.id).not.toBe(own.id)
  })

  it('never throws, whatever it is', () => {
    fc.assert(fc.property(fc.jsonValue(), (any) => void readStockRecord(any, author)))
    const near = fc.record({ key: fc.jsonValue(), metadata: fc.jsonValue(), fields: fc.jsonValue(), categories: fc.jsonValue() })
    fc.assert(fc.property(near, (any) => void readStockRecord(any, author)))
  })
})

describe('the seal of stock nodes', () => {
  const [ours, theirs] = [x25519FromSeed(new Uint8Array(32).fill(3)), x25519FromSeed(new Uint8Array(32).fill(5))]
  const [secret, same] = [ours.deriveSecret(theirs.publicKey), theirs.deriveSecret(ours.publicKey)]

  it('opens with the other side’s secret, and with no other', () => {
    if (!secret || !same) throw new Error('no secret')
    for (const form of ['flat', 'two-section', 'dual'] as const) {
      const sealed = throughJson(sealStockRecord(encodeStock(form, said), secret))
      expect(JSON.stringify(sealed)).not.toContain('bridge')
      if (form === 'dual') expect(sealed['fields']).toBe(sealed['categories'])
      const opened = openStockRecord(sealed, same)
      expect(opened).toMatchObject({ kind: 'ok', isSealed: true })
      if (opened.kind === 'ok') expect(readStockRecord(opened.record, author)).toMatchObject({ kind: 'ok', isSigned: true })
      expect(openStockRecord(sealed, undefined)).toEqual({ kind: 'rejected', rule: 'no-secret' })
      expect(openStockRecord(sealed, new Uint8Array(32))).toEqual({ kind: 'rejected', rule: 'bad-seal' })
    }
    expect(openStockRecord({ categories: '????', _e2e: { nonce: 7 } }, same)).toEqual({ kind: 'rejected', rule: 'bad-seal' })
  })

  it('writes keys as they stand in a handshake', () => {
    const key = encodeStockKey(ours.publicKey)
    expect(key).toMatch(/^MCowBQYDK2VuAyEA/)
    expect(decodeStockKey(key)).toEqual(ours.publicKey)
    for (const bad of ['', key.slice(4), `${key}=`, 'MCowBQYDK2VwAyEAIimZoF/1kk7miGSKyLbTkot/I2XkVfOkFCjTTvCCw3c='])
      expect(decodeStockKey(bad)).toBeUndefined()
  })
})

const frame = (value: object) => {
  const decoded = decodeJson(utf8(JSON.stringify(value)))
  return decoded.kind === 'ok' ? parseStockFrame(decoded.value) : decoded
}
const handshake = encodeStockHandshake({
  nodeId: alice.nodeId,
  name: 'alice',
  publicKey: alice.publicKey,
  e2ePublicKey: encodeStockKey(x25519FromSeed(new Uint8Array(32).fill(3)).publicKey),
  group: 'default',
})

describe('a frame of a stock node', () => {
  it('is read, ignored or refused; none throws', () => {
    expect(frame(handshake)).toMatchObject({ kind: 'ok', frame: { type: 'handshake', room: 'default', group: 'default' } })
    expect(frame({ ...handshake, nodeId: undefined })).toMatchObject({ kind: 'rejected' })
    expect(frame({ type: 'mood', mood: {} })).toEqual({ kind: 'ignored' })
    expect(frame({ type: 'peer-info', peers: [null] })).toEqual({ kind: 'ignored' })
    expect(frame({ type: 'message', content: 5 })).toMatchObject({ kind: 'rejected' })
    expect(frame({ type: 'of-tomorrow' })).toEqual({ kind: 'unknown' })
  })
})

const json2020 = createRequire(createRequire(import.meta.url).resolve('@modelcontextprotocol/sdk/types.js'))('ajv/dist/2020.js')

describe.skipIf(isMissing)(`with the published data${skipReason}`, () => {
  function schemas() {
    const ajv = new json2020.Ajv2020({ strict: false, validateFormats: false })
    for (const name of ['cmb', 'tether-attestation']) ajv.addSchema(published(`schema/${name}.schema.json`))
    return {
      handshake: ajv.compile(published('schema/handshake.schema.json')),
      frame: ajv.compile(published('schema/cmb-frame.schema.json')),
    }
  }

  it('our handshake and our frames for nodes of the specification satisfy the schemas, sealed and in clear', () => {
    const valid = schemas()
    expect(valid.handshake(handshake), JSON.stringify(valid.handshake.errors)).toBe(true)
    fc.assert(
      fc.property(words, (any) => {
        for (const form of ['flat', 'dual'] as const) {
          const record = encodeStock(form, any)
          const sent = throughJson(encodeStockCmb(record, { timestamp: 1_790_000_000_000, to: any.to }))
          expect(valid.frame(sent), JSON.stringify(valid.frame.errors)).toBe(true)
          // The schema describes the fields as they are when opened: of a sealed record all else has to fit.
          const sealed = throughJson(encodeStockCmb(sealStockRecord(record, new Uint8Array(32).fill(1)), { timestamp: 1 }))
          expect(valid.frame(sealed)).toBe(false)
          expect(valid.frame.errors).toMatchObject([{ instancePath: '/cmb/fields', keyword: 'type' }])
        }
      }),
      { numRuns: 30 },
    )
    expect(valid.frame({ type: 'cmb', cmb: {} })).toBe(false)
  })

  it('reads the flat addresses and their remixes', () => {
    const { cases } = published('conformance/cmb-key-v1.json')
    for (const { label, fields, parents, receiver, expectedKey } of cases) {
      const texts = Object.fromEntries(FIELD_NAMES.map((name) => [name, fields[name].text ?? fields[name]]))
      expect(flatAddress(texts, parents && { parents, receiver }), label).toBe(expectedKey)
      const container = Object.fromEntries(FIELD_NAMES.map((name) => [name, { text: texts[name] }]))
      const lineage = parents ? { parents, ancestors: parents, method: 'x' } : null
      const record = { key: expectedKey, createdBy: receiver ?? 'x', createdAt: 1, fields: container, lineage }
      const isReadable = (parents ?? []).every((key: string) => parseBlockKey(key) !== undefined)
      expect(readStockRecord(record, author).kind, label).toBe(isReadable ? 'ok' : 'rejected')
    }
  })

  it('reads and verifies every record that the release sent, sealed or not, and its attestations', () => {
    const capture = published('captures/stock-0.12.1.json')
    for (const [keys, frames] of [
      [capture.keys_lan, capture.lan],
      [capture.keys_relay, capture.relay],
      [capture.keys_relay, [capture.relay_plaintext_anchor]],
    ]) {
      const secret = x25519FromSeed(Buffer.from(keys.alpha.e2e.privateKey, 'base64').subarray(-32)).deriveSecret(
        decodeStockKey(keys.beta.e2e.publicKey) ?? new Uint8Array(),
      )
      const by = (name: 'alpha' | 'beta') => ({
        nodeId: nodeId(keys[name].identity.nodeId),
        publicKey: fromBase64Url(keys[name].identity.publicKey) ?? new Uint8Array(),
        group: 'default',
      })
      let records = 0
      for (const one of frames) {
        const value = one.frame.payload ?? one.frame
        if (one.frame.payload === undefined && one.dir !== undefined) continue
        const parsed = frame(value)
        expect(parsed.kind).not.toBe('rejected')
        if (parsed.kind !== 'ok') continue
        if (parsed.frame.type === 'attestation') expect(readAttestation(parsed.frame.attestation, by('alpha'))).toMatch(/^cmb-/)
        if (parsed.frame.type === 'attestation') expect(readAttestation(parsed.frame.attestation, by('beta'))).toBeUndefined()
        if (parsed.frame.type !== 'cmb') continue
        const opened = openStockRecord(parsed.frame.cmb, secret)
        expect(opened.kind).toBe('ok')
        if (opened.kind !== 'ok') continue
        const read = readStockRecord(opened.record, by('beta'))
        expect(read).toMatchObject({ kind: 'ok', form: 'two-section', isSigned: true })
        if (read.kind === 'ok')
          expect(encodeTwoSection(read.cmb)['metadata']).toEqual(one.frame.payload?.cmb.metadata ?? value.cmb.metadata)
        records++
      }
      expect(records).toBeGreaterThan(0)
    }
  })
})
