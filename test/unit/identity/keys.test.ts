import { createPublicKey, verify } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, toHex, utf8 } from '../../../server/src/base/bytes.ts'
import { isAcceptableEd25519, isAcceptableX25519, newX25519, signerFromSeed, verifySignature } from '../../../server/src/identity/keys.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const zeros = '00'.repeat(31)
const ffs = 'ff'.repeat(30)

/** The 8 points of small order, and every other encoding of them. */
const SMALL_ORDER = [
  `01${zeros}`,
  `ec${ffs}7f`,
  `00${zeros}`,
  `${'00'.repeat(31)}80`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  `01${'00'.repeat(30)}80`,
  `ec${ffs}ff`,
  `ed${ffs}7f`,
  `ed${ffs}ff`,
  `ee${ffs}7f`,
  `ee${ffs}ff`,
]
const LOW_ORDER = [
  `00${zeros}`,
  `01${zeros}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${ffs}7f`,
  `ed${ffs}7f`,
  `ee${ffs}7f`,
]

describe('Ed25519 keys', () => {
  it('accepts every key that a seed makes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => isAcceptableEd25519(signerFromSeed(seed).publicKey)),
      { numRuns: 50 },
    )
  })

  it.each(SMALL_ORDER)('refuses the small-order point %s [B1]', (key) => {
    expect(isAcceptableEd25519(hex(key))).toBe(false)
  })

  it('refuses a y above the field, also where it stands for a good point', () => {
    // The only canonical y that have a second encoding are 0 to 18. 3 is on the curve; p + 3 is the same point.
    expect(isAcceptableEd25519(hex(`03${zeros}`))).toBe(true)
    expect(isAcceptableEd25519(hex(`f0${ffs}7f`))).toBe(false)
  })

  it('refuses a point off the curve', () => {
    expect(isAcceptableEd25519(hex(`02${zeros}`))).toBe(false)
    expect(isAcceptableEd25519(hex(`07${zeros}`))).toBe(false)
  })

  it.each([0, 31, 33, 64])('refuses a key of %d bytes', (length) => {
    expect(isAcceptableEd25519(new Uint8Array(length).fill(3))).toBe(false)
  })
})

describe('signatures', () => {
  const signer = signerFromSeed(new Uint8Array(32).fill(7))
  const message = utf8('the bridge is open')
  const signature = signer.sign(message)

  it('verifies what was signed', () => {
    expect(verifySignature(signer.publicKey, message, signature)).toBe(true)
  })

  it('makes the key and signature of RFC 8032, test 1', () => {
    const first = signerFromSeed(hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'))
    expect(toHex(first.publicKey)).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
    expect(toHex(first.sign(new Uint8Array()))).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    )
  })

  it('refuses the one signature that a small-order key lets through for every message [B1]', () => {
    const key = hex(`01${zeros}`)
    const forged = hex(`01${zeros}${'00'.repeat(32)}`)
    for (let n = 0; n < 100; n++) expect(verifySignature(key, utf8(`message ${n}`), forged)).toBe(false)
  })

  // The stand-in with the weakness is the library itself; newer releases of it have closed the hole.
  it.runIf(process.versions.node.startsWith('20.'))('sees that hole in the library of Node 20 [B1]', () => {
    const spki = concat(hex('302a300506032b6570032100'), hex(`01${zeros}`))
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    expect(verify(null, message, key, hex(`01${zeros}${'00'.repeat(32)}`))).toBe(true)
  })

  it('refuses a signature with S + L', () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order
    const high = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()
    expect(verifySignature(signer.publicKey, message, concat(signature.subarray(0, 32), high))).toBe(false)
  })

  it('refuses any flipped bit of message or signature, and any other length', () => {
    const flip = (bytes: Uint8Array, bit: number) => bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
    for (let bit = 0; bit < 512; bit += 3) expect(verifySignature(signer.publicKey, message, flip(signature, bit))).toBe(false)
    for (let bit = 0; bit < 8 * message.length; bit += 5)
      expect(verifySignature(signer.publicKey, flip(message, bit), signature)).toBe(false)
    for (const length of [0, 63, 65]) expect(verifySignature(signer.publicKey, message, new Uint8Array(length))).toBe(false)
  })

  it('keeps verifying after more keys than are cached', () => {
    for (let n = 0; n < 300; n++) {
      const seed = new Uint8Array(32).fill(9)
      new DataView(seed.buffer).setUint32(0, n)
      const other = signerFromSeed(seed)
      expect(verifySignature(other.publicKey, message, other.sign(message))).toBe(true)
    }
    expect(verifySignature(signer.publicKey, message, signature)).toBe(true)
  })

  it('refuses a seed of another length by code', () => {
    expect(() => signerFromSeed(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'key-invalid' }))
  })
})

describe('X25519 keys', () => {
  it('gives both sides one secret', () => {
    const [one, other] = [newX25519(), newX25519()]
    expect(one.deriveSecret(other.publicKey)).toEqual(other.deriveSecret(one.publicKey))
  })

  it('makes the key of Bob and the secret of RFC 7748, section 6.1', () => {
    const bob = newX25519(() => hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'))
    const alice = hex('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a')
    expect(toHex(bob.publicKey)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f')
    expect(toHex(bob.deriveSecret(alice) ?? new Uint8Array())).toBe('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742')
  })

  it.each(LOW_ORDER)('refuses the low-order point %s', (key) => {
    expect(isAcceptableX25519(hex(key))).toBe(false)
    expect(newX25519().deriveSecret(hex(key))).toBeUndefined()
  })

  it('refuses encodings that stand for another number', () => {
    expect(isAcceptableX25519(hex(`f2${ffs}7f`))).toBe(false)
    expect(isAcceptableX25519(hex(`09${'00'.repeat(30)}80`))).toBe(false)
    expect(isAcceptableX25519(hex(`09${zeros}`))).toBe(true)
  })

  it('come from no key pair generator, which can stop a Node 20 process for good', () => {
    const folder = path.resolve(import.meta.dirname, '../../../server/src')
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    const callers = sources.filter((file) => /generateKeyPair(?:Sync)?\(/.test(readFileSync(path.join(folder, file), 'utf8')))
    expect(sources.length).toBeGreaterThan(20)
    expect(callers).toEqual([])
  })

  it('uses the randomness that it is given', () => {
    const fixed = (length: number) => new Uint8Array(length).fill(5)
    expect(newX25519(fixed).publicKey).toEqual(newX25519(fixed).publicKey)
    expect(newX25519().publicKey).not.toEqual(newX25519().publicKey)
  })
})
