import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../../server/src/base/bytes.ts'
import { systemRandom } from '../../../server/src/base/clock.ts'
import { newPrekey, openMail, sealMail } from '../../../server/src/secure/sealed-mail.ts'

const bob = newPrekey(systemRandom)
const older = newPrekey(systemRandom)
const text = utf8('for bob alone, canary')

function sealed(plaintext = text, to = bob.publicKey): Uint8Array {
  const mail = sealMail(plaintext, to, systemRandom)
  if (!mail) throw new Error('not sealed')
  return mail
}

describe('sealed mail', () => {
  test.prop([fc.uint8Array({ maxLength: 10_000 })], { numRuns: 30 })('opens as what was sealed', (plaintext) => {
    expect(Buffer.compare(openMail(sealed(plaintext), [bob.secretKey]) ?? new Uint8Array([1]), plaintext)).toBe(0)
  })

  it('opens with any prekey that is still kept, and with no other', () => {
    expect(openMail(sealed(text, older.publicKey), [bob.secretKey, older.secretKey])).toEqual(text)
    expect(openMail(sealed(text, older.publicKey), [bob.secretKey])).toBeUndefined()
    expect(openMail(sealed(), [])).toBeUndefined()
  })

  it('shows neither words nor length, and never the same bytes twice [R104] [B19]', () => {
    const [one, again] = [sealed(), sealed()]
    expect(Buffer.from(one).includes('canary')).toBe(false)
    expect(Buffer.compare(one, again)).not.toBe(0)
    expect(Buffer.compare(one.subarray(1, 33), again.subarray(1, 33))).not.toBe(0)
    expect(sealed(utf8('x')).length).toBe(sealed(new Uint8Array(1_000)).length)
    expect(sealed(new Uint8Array(1_021)).length).toBeGreaterThan(sealed(new Uint8Array(1_020)).length)
  })

  it('that was cut or changed anywhere does not open, and gives no part of it', () => {
    const whole = sealed()
    for (let end = 0; end < whole.length; end += 7) expect(openMail(whole.subarray(0, end), [bob.secretKey])).toBeUndefined()
    for (let at = 0; at < whole.length; at += 5) {
      const changed = Uint8Array.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(openMail(changed, [bob.secretKey]), `byte ${at}`).toBeUndefined()
    }
    expect(openMail(concat(whole, Uint8Array.of(0)), [bob.secretKey])).toBeUndefined()
  })

  it('is not made for, and not opened from, a key that anybody could know the secret of [B1]', () => {
    for (const weak of [
      new Uint8Array(32),
      Uint8Array.from([1, ...new Uint8Array(31)]),
      new Uint8Array(32).fill(0xff),
      new Uint8Array(31),
    ]) {
      expect(sealMail(text, weak, systemRandom)).toBeUndefined()
      const forged = sealed()
      forged.set(weak, 1)
      expect(openMail(forged, [bob.secretKey])).toBeUndefined()
    }
  })

  test.prop([fc.uint8Array({ maxLength: 300 })])('of any bytes is nothing, and never a throw', (bytes) => {
    expect(openMail(bytes, [bob.secretKey])).toBeUndefined()
  })
})
