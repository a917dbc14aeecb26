/**
 * The lasting X25519 key that a node shows to stock nodes, in the file and the forms of their layout (MMP 1.1, 1.2), so that
 * an existing one keeps working. Links between ours never use it: they have a fresh key each. Made when a group first
 * admits stock nodes; one that cannot be read is told, and never replaced.
 */
import path from 'node:path'
import * as z from 'zod'
import { concat } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { type AgreementKey, KEY_BYTES, x25519FromSeed } from './keys.ts'
import { sharedFile } from './shared-file.ts'

const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex')
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')
const keyFile = z.object({ publicKey: z.string(), privateKey: z.string() })

/** The key in the folder of a node. Throws `identity-unreadable`. */
export async function openStockKey(folder: string, deps: { readonly clock: Clock; readonly random: RandomBytes }): Promise<AgreementKey> {
  const file = path.join(folder, 'e2e-keypair.json')
  const shared = sharedFile({ file, schema: keyFile, empty: { publicKey: '', privateKey: '' }, ...deps })
  const state = shared.read()
  if (state.kind === 'broken') throw new MeshError('identity-unreadable', state.problem)
  const known =
    state.value.privateKey === '' ? await shared.change((now) => (now.privateKey === '' ? mint(deps.random) : now)) : state.value
  const seed = bodyOf(known.privateKey, PKCS8_PREFIX)
  if (seed === undefined) throw new MeshError('identity-unreadable', `${file} holds no key that can be used; restore it, or move it away`)
  return x25519FromSeed(seed)
}

/** The text of an X25519 key in a handshake of a stock node: standard base64 of its DER form. */
export function encodeStockKey(raw: Uint8Array): string {
  return toBase64(SPKI_PREFIX, raw)
}

/** The 32 bytes of such a key; undefined when it is no X25519 key in canonical form. */
export function decodeStockKey(text: string): Uint8Array | undefined {
  return bodyOf(text, SPKI_PREFIX)
}

/** Canonical padded base64, or undefined. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

function mint(random: RandomBytes): z.infer<typeof keyFile> {
  const seed = random(KEY_BYTES)
  return { publicKey: encodeStockKey(x25519FromSeed(seed).publicKey), privateKey: toBase64(PKCS8_PREFIX, seed) }
}

function toBase64(prefix: Uint8Array, raw: Uint8Array): string {
  return Buffer.from(concat(prefix, raw)).toString('base64')
}

function bodyOf(text: string, prefix: Buffer): Uint8Array | undefined {
  const der = fromBase64(text)
  const isKey = der?.length === prefix.length + KEY_BYTES && der.subarray(0, prefix.length).equals(prefix)
  return isKey ? new Uint8Array(der.subarray(prefix.length)) : undefined
}
