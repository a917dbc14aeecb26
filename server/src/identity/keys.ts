/**
 * Key hygiene. Ed25519 proves who speaks, X25519 agrees on a secret; both are refused here when a key is badly encoded,
 * off the curve or of small order. Node 20 accepts one fixed signature for every message under a small-order key, so
 * the check cannot be left to the library. Key objects are costly and are made once.
 *
 * Invariant: no public key reaches `node:crypto` before it passed the checks of this file.
 */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, sign, verify } from 'node:crypto'
import { concat, fromBase64Url, fromHex, toBase64Url } from '../base/bytes.ts'
import { type RandomBytes, systemRandom } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'

export const KEY_BYTES = 32
export const SIGNATURE_BYTES = 64
const CACHED_KEYS = 256

type Curve = 'Ed25519' | 'X25519'

/** PKCS8 (MMP 1.1): what stands before the 32 bytes of a private key. */
const PKCS8_PREFIX = {
  Ed25519: derPrefix('302e020100300506032b657004220420'),
  X25519: derPrefix('302e020100300506032b656e04220420'),
} as const

const P = 2n ** 255n - 19n
/** The order of the base point: a canonical S of a signature is below it. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n
/** d of the curve -x² + y² = 1 + dx²y². */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/** y of the 8 points of small order (0, ±1 and the two y of order 8), then p and p+1, which stand for 0 and 1. */
const SMALL_ORDER_ED25519: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  fromLittleEndianHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
  fromLittleEndianHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
  P,
  P + 1n,
])

/** u of the points whose product with any secret is zero, with the non-canonical forms. */
const LOW_ORDER_X25519: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  fromLittleEndianHex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'),
  fromLittleEndianHex('5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'),
  P,
  P + 1n,
])

/** Whether a peer may be known by this key: canonical, on the curve, not of small order. */
export function isAcceptableEd25519(raw: Uint8Array): boolean {
  return verifyingKeyOf(raw) !== undefined
}

/** Whether we may agree on a secret with this key: canonical (top bit clear) and not of low order. */
export function isAcceptableX25519(raw: Uint8Array): boolean {
  if (raw.length !== KEY_BYTES) return false
  const u = littleEndian(raw)
  return u < P && !LOW_ORDER_X25519.has(u)
}

/** True for a well-formed signature of `message` by an acceptable key. Anything else is false, never a throw. */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false
  // A second S (S + L) would make a second valid signature for one message.
  if (littleEndian(signature.subarray(KEY_BYTES)) >= L) return false
  const key = verifyingKeyOf(publicKey)
  return key !== undefined && verify(null, message, key, signature)
}

export interface Signer {
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

/** The signer whose private key is this 32-byte seed. */
export function signerFromSeed(seed: Uint8Array): Signer {
  const key = privateKeyOf('Ed25519', seed)
  return { publicKey: rawPublicKey(key), sign: (message) => sign(null, message, key) }
}

export interface AgreementKey {
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array
  /** The shared secret; undefined when the peer's key is unacceptable or the result is all zero. */
  deriveSecret(peerPublicKey: Uint8Array): Uint8Array | undefined
}

/**
 * A fresh X25519 key, for one link. It is imported from random bytes and never made by `generateKeyPairSync`: on Node 20
 * a key made there shares a lock with its finished job, and when the garbage collector ends that job during an export of
 * the key, the process waits for itself for ever.
 */
export function newX25519(random: RandomBytes = systemRandom): AgreementKey {
  const privateKey = privateKeyOf('X25519', random(KEY_BYTES))
  return {
    publicKey: rawPublicKey(privateKey),
    deriveSecret: (peer) => (isAcceptableX25519(peer) ? agree(privateKey, peer) : undefined),
  }
}

/** The key of this 32-byte seed: for what is kept, as stock nodes keep theirs. */
export function x25519FromSeed(seed: Uint8Array): AgreementKey {
  return newX25519(() => seed)
}

function agree(privateKey: KeyObject, peer: Uint8Array): Uint8Array | undefined {
  const publicKey = publicKeyOf('X25519', peer)
  try {
    const secret = diffieHellman({ privateKey, publicKey })
    return secret.some((byte) => byte !== 0) ? secret : undefined
  } catch {
    // The library refuses an all-zero result by throwing; for the caller it is the same answer.
    return undefined
  }
}

const verifyingKeys = new Map<string, KeyObject>()

/** The key object of an acceptable key. The newest `CACHED_KEYS` stay; a refused key is never kept. */
function verifyingKeyOf(publicKey: Uint8Array): KeyObject | undefined {
  const id = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString('latin1')
  const known = verifyingKeys.get(id)
  if (known === undefined && !isGoodPoint(publicKey)) return undefined
  const key = known ?? publicKeyOf('Ed25519', publicKey)
  verifyingKeys.delete(id)
  verifyingKeys.set(id, key)
  if (verifyingKeys.size > CACHED_KEYS) dropOldest(verifyingKeys)
  return key
}

function dropOldest(map: Map<string, unknown>): void {
  const { value } = map.keys().next()
  if (value !== undefined) map.delete(value)
}

function privateKeyOf(curve: Curve, seed: Uint8Array): KeyObject {
  if (seed.length !== KEY_BYTES) throw new MeshError('key-invalid', `a private key has ${KEY_BYTES} bytes, this one ${seed.length}`)
  return createPrivateKey({ key: Buffer.from(concat(PKCS8_PREFIX[curve], seed)), format: 'der', type: 'pkcs8' })
}

function publicKeyOf(curve: Curve, raw: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: curve, x: toBase64Url(raw) }, format: 'jwk' })
}

function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const raw = fromBase64Url(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', KEY_BYTES)
  if (raw === undefined) throw new MeshError('internal', 'the library gave no public key')
  return new Uint8Array(raw)
}

function derPrefix(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array()
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

function fromLittleEndianHex(hex: string): bigint {
  return littleEndian(fromHex(hex) ?? new Uint8Array())
}

function isGoodPoint(raw: Uint8Array): boolean {
  if (raw.length !== KEY_BYTES) return false
  const y = withoutTopBit(raw)
  return !SMALL_ORDER_ED25519.has(y) && y < P && isOnCurve(y)
}

/** y of an Ed25519 encoding: the top bit holds the sign of x. */
function withoutTopBit(raw: Uint8Array): bigint {
  return littleEndian(raw) & ((1n << 255n) - 1n)
}

/** Whether x² = (y² - 1) / (dy² + 1) has a root. x = 0 is left to the table of small orders. */
function isOnCurve(y: bigint): boolean {
  const yy = (y * y) % P
  const numerator = yy - 1n
  const denominator = (D * yy + 1n) % P
  // A product is a square exactly when the quotient is one, so no inverse is needed.
  return power((numerator * denominator) % P, (P - 1n) / 2n) === 1n
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % P) {
    if (rest & 1n) result = (result * square) % P
  }
  return result
}
