/**
 * A secret under a passphrase, for taking an identity to another machine: scrypt makes the key, NaCl's secretbox closes
 * it. The form carries what is needed to open it and nothing else; a wrong passphrase and a changed byte look the same.
 */
import { scryptSync } from 'node:crypto'
import nacl from 'tweetnacl'
import * as z from 'zod'
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../base/bytes.ts'
import type { RandomBytes } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'

export const MIN_PASSPHRASE_CHARACTERS = 12

const FORMAT = 'sym-mesh-vault-v1'
const SALT_BYTES = 16
/** 128 MiB and about half a second. Fixed by the format: a file must not choose how much memory it takes to open. */
const STRETCH = { N: 131_072, r: 8, p: 1, maxmem: 268_435_456 } as const

const vault = z.strictObject({ format: z.literal(FORMAT), salt: z.string(), nonce: z.string(), box: z.string().max(262_144) })

export type Opened =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'rejected'; readonly rule: 'no-vault' | 'wrong-passphrase' }

/** Throws `argument-invalid` for a passphrase that is too short. */
export function lockVault(text: string, passphrase: string, random: RandomBytes): string {
  if ([...passphrase].length < MIN_PASSPHRASE_CHARACTERS)
    throw new MeshError(
      'argument-invalid',
      `a passphrase has at least ${MIN_PASSPHRASE_CHARACTERS} characters; some words are better than one`,
    )
  const [salt, nonce] = [random(SALT_BYTES), random(nacl.secretbox.nonceLength)]
  const box = nacl.secretbox(utf8(text), nonce, keyOf(passphrase, salt))
  const content = { format: FORMAT, salt: toBase64Url(salt), nonce: toBase64Url(nonce), box: toBase64Url(box) }
  return `${JSON.stringify(content, null, 2)}\n`
}

export function openVault(content: string, passphrase: string): Opened {
  const parsed = vault.safeParse(parseJson(content))
  const salt = parsed.success ? fromBase64Url(parsed.data.salt, SALT_BYTES) : undefined
  const nonce = parsed.success ? fromBase64Url(parsed.data.nonce, nacl.secretbox.nonceLength) : undefined
  const box = parsed.success ? fromBase64Url(parsed.data.box) : undefined
  if (!salt || !nonce || !box) return { kind: 'rejected', rule: 'no-vault' }
  const opened = nacl.secretbox.open(Uint8Array.from(box), Uint8Array.from(nonce), keyOf(passphrase, salt))
  const text = opened && fromUtf8(opened)
  return text === null || text === undefined ? { kind: 'rejected', rule: 'wrong-passphrase' } : { kind: 'ok', text }
}

/** NFKC: the same passphrase typed on another keyboard is the same. */
function keyOf(passphrase: string, salt: Uint8Array): Uint8Array {
  return Uint8Array.from(scryptSync(passphrase.normalize('NFKC'), salt, nacl.secretbox.keyLength, STRETCH))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not ours, or half of it.
    return undefined
  }
}
