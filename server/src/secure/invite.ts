/**
 * The invite to a private group (PROTOCOL 13.1): what stands behind `sym://join#v1.`. Signed by the group's root, which
 * it names, so a changed one is refused; who signed it says nothing until a person knows the inviter. It holds a secret
 * for one redemption and nothing that lasts: no key of the group, and in the place of a relay's token a pass that ends with it.
 */
import { fromBase64Url, fromHex, toBase64Url } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'
import { Secret } from '../base/secret.ts'
import { type Fingerprint, parseFingerprint } from '../identity/ids.ts'
import { isAcceptableEd25519, KEY_BYTES, type Signer } from '../identity/keys.ts'
import { type GroupId, parseGroupId, parseGroupName } from '../mmp/group.ts'
import { readRelayPass } from '../mmp/relay-pass.ts'
import { parseRelayUrl, type RelayUrl } from '../mmp/relay-url.ts'
import { parseTime } from './certificate.ts'
import { openFact, peekFact, signFact } from './signed.ts'

export interface Invite {
  readonly groupId: GroupId
  readonly root: Uint8Array
  readonly label: string
  /** Of the person's key that redeems it. */
  readonly inviter: Fingerprint
  readonly relay: RelayUrl | undefined
  /** Lets its holder come to that relay as a guest, as long as the invite is good. */
  readonly pass?: Secret | undefined
  /** 16 hex digits. */
  readonly id: string
  /** 32 bytes in base64url. */
  readonly secret: Secret
  readonly expiresAt: number
}

export type InviteRule = 'invite-malformed' | 'invite-signature' | 'invite-expired' | 'invite-relay' | 'invite-relay-private'
export type InviteVerdict = { readonly kind: 'ok'; readonly invite: Invite } | { readonly kind: 'refused'; readonly rule: InviteRule }

const TAG = 'mesh-invite-v1\n'
const SECRET_BYTES = 32

/** The link, secret and all. */
export function formatInvite({ groupId, root, label, inviter, relay, pass, id, secret, expiresAt }: Invite, signer: Signer): string {
  const fields = [
    groupId,
    toBase64Url(root),
    label,
    inviter,
    relay ?? '',
    id,
    secret.reveal(),
    `${expiresAt}`,
    ...(pass ? [pass.reveal()] : []),
  ]
  return `sym://join#v1.${signFact(TAG, fields, signer)}`
}

/**
 * Reads what stands behind `#v1.`; changes nothing and tells nobody. `known`: relays that the person configured. Only what
 * a person typed is read here, so plain `ws` may lead to this machine.
 */
export function readInvite(payload: Secret, now: number, known: readonly string[] = []): InviteVerdict {
  const text = payload.reveal()
  const invite = fieldsOf(peekFact(TAG, text) ?? [])
  if (invite === undefined) return refused('invite-malformed')
  if (openFact(TAG, text, invite.root) === undefined) return refused('invite-signature')
  const relay = parseRelayUrl(invite.relay, known, true)
  if (invite.relay !== '' && relay.kind === 'refused')
    return refused(relay.rule === 'relay-private' ? 'invite-relay-private' : 'invite-relay')
  if (now > invite.expiresAt) return refused('invite-expired')
  return { kind: 'ok', invite: { ...invite, relay: relay.kind === 'ok' ? relay.url : undefined } }
}

/** Why an invite cannot be used, in words that repeat nothing of it. */
export function explainInvite(rule: InviteRule): string {
  switch (rule) {
    case 'invite-malformed':
      return 'it is not complete or was not made by this program; copy the whole link'
    case 'invite-signature':
      return 'its signature is wrong: it was changed on the way. Ask for a new one over another way'
    case 'invite-expired':
      return 'it has expired; ask for a new one'
    case 'invite-relay':
      return 'its relay is no address that can be used'
    case 'invite-relay-private':
      return 'its relay is on this machine or in a private network; such a relay has to be configured by a person first (SYM_RELAY_URL)'
  }
}

function fieldsOf(fields: readonly string[]): (Omit<Invite, 'relay'> & { readonly relay: string }) | undefined {
  const [group = '', key = '', name = '', by = '', relay = '', id = '', text = '', until = '', pass, ...more] = fields
  const [groupId, root, inviter] = [parseGroupId(group), fromBase64Url(key, KEY_BYTES), parseFingerprint(by)]
  const [label, expiresAt] = [parseGroupName(name), parseTime(until)]
  const isPass = pass === undefined || (relay !== '' && readRelayPass(pass) !== undefined)
  const isWhole = more.length === 0 && isPass && fromBase64Url(text, SECRET_BYTES) !== undefined && fromHex(id)?.length === 8
  if (!groupId || !root || !isAcceptableEd25519(root) || !inviter || !label || expiresAt === undefined || !isWhole) return undefined
  if (relay.length > LIMITS.invite.relayCharacters || label.length > LIMITS.privateGroup.labelCharacters) return undefined
  return {
    groupId,
    root,
    label,
    inviter,
    relay,
    id,
    secret: new Secret(text),
    expiresAt,
    pass: pass === undefined ? undefined : new Secret(pass),
  }
}

function refused(rule: InviteRule): InviteVerdict {
  return { kind: 'refused', rule }
}
