/**
 * The key of a person on this machine, `<root>/user.json`: what private groups admit. Each session's own key is vouched
 * for by it, so that a person joins, is compared and is removed once. Made when it is first needed; never replaced.
 */
import path from 'node:path'
import * as z from 'zod'
import { fromBase64Url, toBase64Url } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { MeshError } from '../base/errors.ts'
import { type Fingerprint, fingerprintOf } from './ids.ts'
import { KEY_BYTES, type Signer, signerFromSeed } from './keys.ts'
import { sharedFile } from './shared-file.ts'

export interface UserKey extends Signer {
  readonly fingerprint: Fingerprint
}

const userFile = z.strictObject({ version: z.literal(1), seed: z.string() })

export async function openUserKey(root: string, deps: { readonly clock: Clock; readonly random: RandomBytes }): Promise<UserKey> {
  const file = path.join(root, 'user.json')
  const shared = fileOf(root, deps)
  const state = shared.read()
  if (state.kind === 'broken') throw new MeshError('identity-unreadable', state.problem)
  const { seed } = state.value.seed !== '' ? state.value : await shared.change((known) => (known.seed === '' ? mint(deps.random) : known))
  return userKeyOf(seed, file)
}

/** As text, for a vault and for nothing else; undefined where there is none. */
export function exportUserKey(root: string, deps: { readonly clock: Clock; readonly random: RandomBytes }): string | undefined {
  const state = fileOf(root, deps).read()
  if (state.kind === 'broken') throw new MeshError('identity-unreadable', state.problem)
  return state.value.seed === '' ? undefined : state.value.seed
}

/** Brings one in; a key that is there is never replaced, and false says that it is another one. */
export async function importUserKey(
  root: string,
  seed: string,
  deps: { readonly clock: Clock; readonly random: RandomBytes },
): Promise<boolean> {
  userKeyOf(seed, 'the export')
  const known = await fileOf(root, deps).change((own) => (own.seed === '' ? { version: 1, seed } : own))
  return known.seed === seed
}

export function userKeyOf(text: string, file = 'user.json'): UserKey {
  const seed = fromBase64Url(text, KEY_BYTES)
  if (seed === undefined)
    throw new MeshError('identity-unreadable', `${file} cannot be used: its key is damaged. It was left as it is; restore it from a copy`)
  const signer = signerFromSeed(seed)
  return { publicKey: signer.publicKey, fingerprint: fingerprintOf(signer.publicKey), sign: (message) => signer.sign(message) }
}

function fileOf(root: string, deps: { readonly clock: Clock; readonly random: RandomBytes }) {
  return sharedFile({ file: path.join(root, 'user.json'), schema: userFile, empty: { version: 1, seed: '' }, ...deps })
}

function mint(random: RandomBytes): z.infer<typeof userFile> {
  return { version: 1, seed: toBase64Url(random(KEY_BYTES)) }
}
