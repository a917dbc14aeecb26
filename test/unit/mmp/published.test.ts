/** Addresses and signatures against the published vectors and the frames of stock nodes. */
import { createDecipheriv, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fromBase64Url, fromHex, toBase64Url, toHex } from '../../../server/src/base/bytes.ts'
import { signerFromSeed, verifySignature } from '../../../server/src/identity/keys.ts'
import { addressOf, flatAddress } from '../../../server/src/mmp/address.ts'
import { parseCat7 } from '../../../server/src/mmp/cat7.ts'
import { FIELD_NAMES } from '../../../server/src/mmp/cmb.ts'
import { claimedAuthor, decodeRecord, encodeRecord } from '../../../server/src/mmp/record.ts'
import {
  assertionIdOf,
  fieldParentsCommitment,
  flatSigningPayload,
  type SignedFacts,
  signingPayload,
  stockSigningPayload,
} from '../../../server/src/mmp/signature.ts'
import { isMissing, published, skipReason } from '../../vectors/published.ts'

const raw = (text: string) => fromBase64Url(text) ?? new Uint8Array()

function fieldsOf(categories: unknown) {
  const parsed = parseCat7(categories)
  if (parsed.kind === 'rejected') throw new Error(parsed.rule)
  return parsed.fields
}

/** The record as it travels: its application bytes beside it. */
function travelling(record: { categories: object; metadata: { application: { data?: string } | null } }) {
  const { data, ...application } = record.metadata.application ?? {}
  const metadata = { ...record.metadata, application: record.metadata.application && application }
  return { categories: record.categories, metadata, ...(data === undefined ? {} : { applicationData: data }) }
}

describe.skipIf(isMissing)(`published vectors${skipReason}`, () => {
  it('computes the flat addresses', () => {
    const { cases } = published('conformance/cmb-key-v1.json')
    expect(cases).toHaveLength(7)
    for (const { label, fields, parents, receiver, expectedKey } of cases) {
      const texts = Object.fromEntries(FIELD_NAMES.map((name) => [name, fields[name].text ?? fields[name]]))
      expect(flatAddress(texts, parents && { parents, receiver }), label).toBe(expectedKey)
    }
  })

  it('computes the payload and signature of flat records', () => {
    const { testKeypair, cases } = published('conformance/cmb-sig-v1.json')
    const signer = signerFromSeed(fromHex(testKeypair.seedHex) ?? new Uint8Array())
    expect(cases).toHaveLength(2)
    for (const { cmb, signingPayloadHex, expectedSig } of cases) {
      const payload = flatSigningPayload(cmb)
      expect(toHex(payload)).toBe(signingPayloadHex)
      expect(toBase64Url(signer.sign(payload))).toBe(expectedSig)
    }
  })

  it('computes address, payload, assertion id and signature of MMP 2.0 records', () => {
    const { testKey, cases } = published('vectors/mmp-v2-record-signature.vector.json')
    const signer = signerFromSeed(raw(testKey.privateSeedBase64url))
    expect(cases).toHaveLength(2)
    for (const { record, ...expected } of cases) {
      const { categories, metadata } = record
      const address = addressOf(fieldsOf(categories))
      expect(address.key).toBe(metadata.key)
      expect(address.fieldKeys).toEqual(FIELD_NAMES.map((name) => categories[name].meta.key))
      const fieldParents = Object.fromEntries(FIELD_NAMES.map((name) => [name, categories[name].meta.parents]))
      expect(fieldParentsCommitment(fieldParents)).toBe(expected.expectedCategoryParentsCommitment)
      const facts: SignedFacts = {
        key: metadata.key,
        authorId: metadata.createdByNodeId,
        authorName: metadata.createdBy,
        createdAt: metadata.createdTimestamp,
        group: metadata.room,
        to: metadata.to,
        parents: metadata.lineage.parents,
        fieldParents,
        application: metadata.application ?? undefined,
      }
      const payload = signingPayload(facts)
      expect(toHex(payload)).toBe(expected.expectedSigningPayloadHex)
      expect(assertionIdOf(payload)).toBe(expected.expectedAssertionId)
      expect(toBase64Url(signer.sign(payload))).toBe(expected.expectedSignature)
      expect(decodeRecord(travelling(record), signer.publicKey)).toMatchObject({ kind: 'ok', cmb: { id: expected.expectedAssertionId } })
    }
  })

  it('reads and verifies the public record and the one of another device', () => {
    const { testKey } = published('vectors/mmp-v2-record-signature.vector.json')
    const record = published('vectors/mmp-v2-public-record.vector.json')
    expect(decodeRecord(travelling(record), raw(testKey.publicKeyBase64url)).kind).toBe('ok')
    const device = published('vectors/mmp-v2-cross-device.fixture.json')
    const decoded = decodeRecord(travelling(device.record), raw(device.authorPublicKeyBase64url))
    expect(decoded.kind).toBe('ok')
    expect(claimedAuthor(device.record)).toBe(device.record.metadata.createdByNodeId)
    if (decoded.kind !== 'ok') return
    expect(encodeRecord(decoded.cmb).categories).toEqual(device.record.categories)
    const { lineage: _, ...signed } = encodeRecord(decoded.cmb).metadata
    expect(device.record.metadata).toMatchObject(signed)
  })
})

describe.skipIf(isMissing)(`frames of stock nodes${skipReason}`, () => {
  const secretOf = (own: string, peer: string) =>
    diffieHellman({
      privateKey: createPrivateKey({ key: Buffer.from(own, 'base64'), format: 'der', type: 'pkcs8' }),
      publicKey: createPublicKey({ key: Buffer.from(peer, 'base64'), format: 'der', type: 'spki' }),
    })

  function openFields(secret: Uint8Array, sealed: string, nonce: string): unknown {
    const bytes = Buffer.from(sealed, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', secret, Buffer.from(nonce, 'base64'))
    decipher.setAuthTag(bytes.subarray(-16))
    return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString())
  }

  it('have our address and verify with our payload', () => {
    const { keys_lan: keys, lan } = published('captures/stock-0.12.1.json')
    const secret = secretOf(keys.alpha.e2e.privateKey, keys.beta.e2e.publicKey)
    const records = lan.filter(({ frame }: { frame: { type: string } }) => frame.type === 'cmb')
    expect(records.length).toBeGreaterThan(0)
    for (const { frame } of records) {
      const { categories, metadata, _e2e } = frame.cmb
      const open = typeof categories === 'string' ? openFields(secret, categories, _e2e.nonce) : categories
      expect(addressOf(fieldsOf(open)).key).toBe(metadata.key)
      const payload = stockSigningPayload({
        key: metadata.key,
        createdBy: metadata.createdBy,
        createdAt: metadata.createdTimestamp,
        group: metadata.room,
        to: metadata.to ?? undefined,
        parents: metadata.lineage?.parents ?? [],
        fieldParents: {},
      })
      const author = metadata.createdBy === 'alpha' ? keys.alpha : keys.beta
      expect(verifySignature(raw(author.identity.publicKey), payload, raw(metadata.sig))).toBe(true)
    }
  })
})
