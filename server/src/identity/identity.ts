/**
 * The identity of a node on disk: `<root>/nodes/<name>/identity.json`, in the layout of stock nodes, so that an existing
 * identity keeps working and can go back. Peers know a node by its key, and nobody can give a lost one back.
 *
 * Invariant: a file that is there is never replaced by a new identity. What cannot be read, is no identity or has keys
 * that do not fit together stops the start with its path and what to do. The seed does not leave this file's functions.
 */
import { lstatSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../base/bytes.ts'
import type { Clock, RandomBytes } from '../base/clock.ts'
import { MeshError, messageOf } from '../base/errors.ts'
import { readPrivateFile, safeJoin, writePrivateFile } from '../base/files.ts'
import { LIMITS } from '../base/limits.ts'
import { ensureClosedFolder } from '../local/socket-path.ts'
import { type Fingerprint, fingerprintOf, type NodeId, newNodeId, parseNodeId } from './ids.ts'
import { KEY_BYTES, type Signer, signerFromSeed } from './keys.ts'

export interface Identity {
  readonly nodeId: NodeId
  readonly name: string
  readonly hostname: string
  readonly createdAt: number
  /** Raw Ed25519 key, 32 bytes. */
  readonly publicKey: Uint8Array
  readonly fingerprint: Fingerprint
  /** The node's own folder: store, slot and lock stand there. */
  readonly folder: string
  sign(message: Uint8Array): Uint8Array
}

export interface IdentityDeps {
  readonly clock: Clock
  readonly random: RandomBytes
  /** The name of this machine, as the system tells it. */
  readonly hostname: string
}

const MAX_FILE_BYTES = 65_536
/** Names of MMP 1.1: letters, marks, numbers, punctuation, symbols and spaces. */
const NAME_CHARACTERS = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+$/u

/** Loose: other programs may keep more in the file, and a rewrite must not lose it. */
const IdentityFile = z.looseObject({
  nodeId: z.string(),
  hostname: z.string().optional(),
  createdAt: z.number().optional(),
  publicKey: z.string().optional(),
  privateKey: z.string().optional(),
})
type IdentityFile = z.infer<typeof IdentityFile>

/** The folder of the node `name`; throws `name-invalid` for what is no name or would lead out of `<root>/nodes`. */
export function nodeFolder(root: string, name: string): string {
  const isName = NAME_CHARACTERS.test(name) && utf8(name).length <= LIMITS.name.maxBytes && name === name.normalize('NFC')
  if (!isName)
    throw new MeshError('name-invalid', `${JSON.stringify(name)} is no node name; use 1 to 64 bytes of letters, digits and dashes`)
  return safeJoin(path.join(root, 'nodes'), name)
}

/** Loads the identity `name`, or makes it. PRECONDITION: the caller holds its lock, since two would make two keys. */
export function openIdentity(root: string, name: string, deps: IdentityDeps): Identity {
  const folder = nodeFolder(root, name)
  ensureClosedFolder(folder)
  const file = path.join(folder, 'identity.json')
  const found = readIdentityFile(file)
  const content = found === undefined ? mint(name, deps) : complete(found, file, deps)
  if (content !== found) writePrivateFile(file, JSON.stringify(content, null, 2))
  return toIdentity(content, name, folder, file, deps)
}

/** Throws what `openIdentity` would throw for the file that is there; changes nothing. */
export function checkIdentity(root: string, name: string, deps: IdentityDeps): void {
  const folder = nodeFolder(root, name)
  const file = path.join(folder, 'identity.json')
  const found = readIdentityFile(file)
  if (found !== undefined) toIdentity(complete(found, file, deps), name, folder, file, deps)
}

/** The identity as text, private key and all: for a vault, and for nothing else. */
export function exportIdentity(root: string, name: string): string {
  const file = path.join(nodeFolder(root, name), 'identity.json')
  const found = readIdentityFile(file)
  if (found === undefined) throw new MeshError('argument-invalid', `there is no identity ${JSON.stringify(name)} in ${root}`)
  signerOf(found.privateKey, file)
  return JSON.stringify({ ...found, name })
}

/** Brings one in under its own name. PRECONDITION: as for `openIdentity`. An identity that is there is never replaced. */
export function importIdentity(root: string, name: string, text: string, deps: IdentityDeps): Identity {
  const file = path.join(nodeFolder(root, name), 'identity.json')
  const parsed = IdentityFile.safeParse(parseJson(utf8(text), 'the export'))
  if (!parsed.success) throw new MeshError('argument-invalid', 'the export holds no identity')
  const coming = toIdentity(complete(parsed.data, 'the export', deps), name, path.dirname(file), 'the export', deps)
  const found = readIdentityFile(file)
  if (found !== undefined && found.publicKey !== toBase64Url(coming.publicKey))
    throw new MeshError(
      'argument-invalid',
      `${file} is another identity already; it was left as it is. Move its folder away to bring this one in`,
    )
  ensureClosedFolder(path.dirname(file))
  if (found === undefined) writePrivateFile(file, JSON.stringify(complete(parsed.data, 'the export', deps), null, 2))
  return openIdentity(root, name, deps)
}

function mint(name: string, deps: IdentityDeps): IdentityFile {
  const base = { nodeId: newNodeId(deps.clock, deps.random), name, hostname: localHostname(deps.hostname), createdAt: deps.clock.now() }
  return { ...base, ...newKeys(deps.random) }
}

/** What an older program left out: keys, a public key, the domain of the host. The same object when nothing is missing. */
function complete(found: IdentityFile, file: string, deps: IdentityDeps): IdentityFile {
  const { publicKey, privateKey, hostname } = found
  const missing: Partial<IdentityFile> = {}
  if (publicKey === undefined && privateKey === undefined) Object.assign(missing, newKeys(deps.random))
  if (publicKey === undefined && privateKey !== undefined) missing.publicKey = toBase64Url(signerOf(privateKey, file).publicKey)
  if (hostname === undefined || localHostname(hostname) !== hostname) missing.hostname = localHostname(hostname ?? deps.hostname)
  return Object.keys(missing).length === 0 ? found : { ...found, ...missing }
}

function toIdentity(content: IdentityFile, name: string, folder: string, file: string, deps: IdentityDeps): Identity {
  const nodeId = parseNodeId(content.nodeId)
  if (nodeId === undefined) throw unreadable(file, 'its nodeId is no UUID')
  const signer = signerOf(content.privateKey, file)
  if (content.publicKey !== toBase64Url(signer.publicKey)) throw unreadable(file, 'its two keys do not belong together')
  return {
    nodeId,
    name,
    hostname: content.hostname ?? localHostname(deps.hostname),
    createdAt: content.createdAt ?? 0,
    publicKey: signer.publicKey,
    fingerprint: fingerprintOf(signer.publicKey),
    folder,
    sign: (message) => signer.sign(message),
  }
}

/** The content of the file; undefined where there is none. Everything else throws and leaves it alone. */
function readIdentityFile(file: string): IdentityFile | undefined {
  const bytes = readChecked(file)
  if (bytes === undefined) return undefined
  const parsed = IdentityFile.safeParse(parseJson(bytes, file))
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ')
  throw unreadable(file, `it is no identity: ${wrong} is missing or of the wrong kind`)
}

function readChecked(file: string): Uint8Array | undefined {
  try {
    const stat = lstatSync(file, { throwIfNoEntry: false })
    if (stat === undefined) return undefined
    if (!stat.isFile() || stat.size > MAX_FILE_BYTES) throw new Error('it is a link, a folder or too large')
    if (process.getuid && stat.uid !== process.getuid()) throw new Error('it belongs to another user')
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) throw exposed(file)
    return readPrivateFile(file)
  } catch (thrown) {
    throw thrown instanceof MeshError ? thrown : unreadable(file, messageOf(thrown))
  }
}

function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(fromUtf8(bytes) ?? '')
  } catch {
    // The parser's words quote what it read, and that may be a key.
    throw unreadable(file, 'it is not valid JSON')
  }
}

function newKeys(random: RandomBytes): { publicKey: string; privateKey: string } {
  const seed = random(KEY_BYTES)
  return { publicKey: toBase64Url(signerFromSeed(seed).publicKey), privateKey: toBase64Url(seed) }
}

function signerOf(privateKey: string | undefined, file: string): Signer {
  const seed = privateKey === undefined ? undefined : fromBase64Url(privateKey, KEY_BYTES)
  if (seed === undefined) throw unreadable(file, 'its private key is missing or damaged')
  return signerFromSeed(seed)
}

/** MMP 1.2: a bare host name gets the domain of the local link. */
function localHostname(hostname: string): string {
  const trimmed = hostname.replace(/\.$/, '')
  return trimmed.includes('.') || trimmed === '' ? trimmed : `${trimmed}.local`
}

function unreadable(file: string, reason: string): MeshError {
  const remedy = 'It was left as it is. Restore it from a copy, or move it away to start as somebody new, whom peers do not know'
  return new MeshError('identity-unreadable', `${file} cannot be used: ${reason}. ${remedy}`)
}

function exposed(file: string): MeshError {
  return new MeshError('identity-unreadable', `${file} holds a private key and other users may read it; run: chmod 600 '${file}'`)
}
