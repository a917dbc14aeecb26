/** The tether: what is kept together, what comes apart, and what is signed about it. */
import { describe, expect, it } from 'vitest'
import { attestTether, type TetherFacts, tetherOf, verifyTether } from '../../../server/src/mmp/tether.ts'
import { alice, bob } from '../../vectors/fixtures.ts'

const facts: TetherFacts = {
  of: `cmb-${'a'.repeat(64)}`,
  anchor: `cmb-${'b'.repeat(64)}`,
  kernelId: 'kernel-of-the-test',
  drift: 0.25,
  verdict: 'tethered',
  by: alice.nodeId,
  at: 1_790_000_000_000,
}

describe('the tether', () => {
  it('holds up to half of the way, and no further', () => {
    const drift = (cos: number) => tetherOf({ focus: [cos, Math.sqrt(1 - cos * cos)] }, { focus: [1, 0] })
    expect(drift(0.6)).toMatchObject({ checked: true, tethered: true })
    expect(drift(0.4)).toMatchObject({ checked: true, tethered: false })
  })

  it('compares only fields that both have, by their weight', () => {
    const block = { focus: [1, 0], issue: [0, 1], mood: [1, 0] }
    const ancestor = { focus: [1, 0], issue: [1, 0] }
    expect(tetherOf(block, ancestor).drift).toBeCloseTo(0.5, 12)
    expect(tetherOf(block, ancestor, { issue: 3 })).toMatchObject({ tethered: false, drift: 0.75 })
  })

  it('is kept where nothing can be compared', () => {
    const unchecked = { checked: false, tethered: true, drift: null }
    expect(tetherOf({}, {})).toEqual(unchecked)
    expect(tetherOf({ focus: [1, 0] }, { issue: [1, 0] })).toEqual(unchecked)
    expect(tetherOf({ focus: [1, 0] }, { focus: [1, 0] }, { focus: 0 })).toEqual(unchecked)
  })

  it('is attested by the one who measured it, and by nobody else', () => {
    const attestation = attestTether(facts, alice.sign)
    expect(verifyTether(attestation, alice.publicKey)).toBe(true)
    expect(verifyTether(attestation, bob.publicKey)).toBe(false)
    const lies: Partial<TetherFacts>[] = [
      { drift: 0.26 },
      { verdict: 'severed' },
      { kernelId: 'other' },
      { of: facts.anchor },
      { anchor: facts.of },
      { by: bob.nodeId },
      { at: 1 },
    ]
    for (const lie of lies) expect(verifyTether({ ...attestation, ...lie }, alice.publicKey), JSON.stringify(lie)).toBe(false)
    for (const sig of ['', 'x', `${attestation.sig}A`]) expect(verifyTether({ ...attestation, sig }, alice.publicKey)).toBe(false)
  })
})
