/** SVAF and tether against the published conformance files. */
import { describe, expect, it } from 'vitest'
import { fromHex, toBase64Url, toHex } from '../../../server/src/base/bytes.ts'
import { signerFromSeed } from '../../../server/src/identity/keys.ts'
import { evaluate } from '../../../server/src/mmp/svaf.ts'
import { attestTether, isComparable, tetherOf, tetherPayload, verifyTether } from '../../../server/src/mmp/tether.ts'
import { isMissing, published, skipReason } from '../../vectors/published.ts'

const EXACT = 9

describe.skipIf(isMissing)(`published vectors of the gate${skipReason}`, () => {
  it('are decided alike, to nine digits', () => {
    const { cases } = published('conformance/svaf-baseline.json')
    expect(cases).toHaveLength(7)
    for (const { label, incoming, anchors, ageSeconds, config, expected } of cases) {
      const verdict = evaluate({
        incoming,
        anchors: anchors.map((vectors: object) => ({ vectors })),
        ageSeconds,
        config: { ...config, redundancyThreshold: 0.1 },
      })
      expect([verdict.accepted, verdict.decision], label).toEqual([expected.accepted, expected.decision])
      expect(verdict.totalDrift, label).toBeCloseTo(expected.totalDrift, EXACT)
      if (expected.maxNearestDrift !== undefined) expect(verdict.maxNearestDrift, label).toBeCloseTo(expected.maxNearestDrift, EXACT)
    }
  })

  it('of the tether give the same drift', () => {
    const { driftCases } = published('conformance/tether-v1.json')
    expect(driftCases).toHaveLength(4)
    const vectorsOf = (fields: Record<string, { vector: number[] }>) =>
      Object.fromEntries(Object.entries(fields).map(([name, { vector }]) => [name, vector]))
    for (const { label, remixFields, anchorFields, fieldWeights, expected } of driftCases) {
      const tether = tetherOf(vectorsOf(remixFields), vectorsOf(anchorFields), fieldWeights)
      expect([tether.checked, tether.tethered, tether.drift === null], label).toEqual([
        expected.checked,
        expected.tethered,
        expected.drift === null,
      ])
      if (tether.drift !== null) expect(tether.drift, label).toBeCloseTo(expected.drift, EXACT)
    }
  })

  it('of the attestation give the same bytes and signature', () => {
    const { attestation } = published('conformance/tether-v1.json')
    const { testKeypair } = published('conformance/cmb-sig-v1.json')
    const signer = signerFromSeed(fromHex(testKeypair.seedHex) ?? new Uint8Array())
    expect(toHex(tetherPayload(attestation.record))).toBe(attestation.payloadHex)
    const signed = attestTether(attestation.record, (message) => signer.sign(message))
    expect(signed).toEqual({ ...attestation.record, sig: attestation.expectedSig, sigAlg: attestation.sigAlg })
    expect(toBase64Url(signer.publicKey)).toBe(testKeypair.publicKeyB64url)
    expect(verifyTether(signed, signer.publicKey)).toBe(true)
    for (const { a, b, comparable } of attestation.comparability) expect(isComparable(a, b)).toBe(comparable)
  })
})
