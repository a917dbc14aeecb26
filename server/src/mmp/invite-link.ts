/**
 * Invite links (MMP 9), read strictly and pure: a link comes from somebody else's text, so each part is held to its
 * alphabet and length after decoding, and whatever the grammar does not name is refused with the rule that it broke.
 *
 *     sym://group/<group>                              the group on the local network
 *     sym://team/<group>?relay=<url>&token=<text>      by a relay; the token is optional
 *     <app>://room/<id>/<display name>                 the group <app>-<id>, as applications hand it out
 *     sym://join#v1.<base64url>                        a private group: recognised here, read by whoever knows them
 *
 * A token is a `Secret` from here on, and no refusal repeats a part of the link.
 */
import { LIMITS } from '../base/limits.ts'
import { Secret } from '../base/secret.ts'
import { type GroupName, parseGroupName } from './group.ts'
import { parseWireName } from './name.ts'
import { parseRelayUrl, type RelayRule, type RelayUrl } from './relay-url.ts'

export type InviteLink = OpenInvite | PrivateInvite

export interface OpenInvite {
  readonly kind: 'open'
  readonly group: GroupName
  readonly relay: RelayUrl | undefined
  readonly token: Secret | undefined
  /** How an application calls the group; words of others. */
  readonly displayName: string | undefined
}

export interface PrivateInvite {
  readonly kind: 'private'
  /** The part after `#v1.`; holds a secret. */
  readonly payload: Secret
}

export type LinkRule =
  | 'link-length'
  | 'link-alphabet'
  | 'link-form'
  | 'link-scheme'
  | 'link-percent'
  | 'link-group'
  | 'link-name'
  | 'link-query'
  | 'link-token'
  | RelayRule

export type LinkVerdict = { readonly kind: 'ok'; readonly link: InviteLink } | LinkRefusal
export interface LinkRefusal {
  readonly kind: 'refused'
  readonly rule: LinkRule
}

export interface ReadOptions {
  /** Relays that the person configured. */
  readonly knownRelays?: readonly string[]
  /** It is only followed if a person typed it: plain `ws` to this machine is theirs to choose. */
  readonly isTyped?: boolean
}

const FORM = /^([a-z][a-z0-9-]{0,31}):\/\/(room|group|team)\/([^/?#]+)(?:\/([^/?#]+))?(?:\?([^?#]*))?$/i
const PRIVATE = /^sym:\/\/join#v1\.([A-Za-z0-9_-]+)$/
/** Schemes that other programs open: with `room` as a host they would read as links of an application. */
const FOREIGN = /^(?:https?|wss?|ftp|file|data|javascript|blob|about|mailto|ssh|git|view-source)$/

/** Surrounding blanks are those of a paste; nothing else is repaired. */
export function parseInviteLink(text: string, options: ReadOptions = {}): LinkVerdict {
  const link = text.trim()
  if (link.length > LIMITS.invite.linkCharacters) return refused('link-length')
  if (!/^[\x21-\x7e]+$/.test(link)) return refused('link-alphabet')
  const payload = PRIVATE.exec(link)?.[1]
  if (payload !== undefined) return { kind: 'ok', link: { kind: 'private', payload: new Secret(payload) } }
  const [, scheme = '', word = '', first = '', second, query] = FORM.exec(link) ?? []
  if (scheme === '') return refused('link-form')
  return readOpen({ scheme: scheme.toLowerCase(), word: word.toLowerCase(), first, second, query }, options)
}

/** The link to an open group. The token is in it only when it is passed here. */
export function formatInviteLink(invite: { group: GroupName; relay?: RelayUrl | undefined; token?: Secret | undefined }): string {
  if (invite.relay === undefined) return `sym://group/${invite.group}`
  const token = invite.token === undefined ? '' : `&token=${encodeURIComponent(invite.token.reveal())}`
  return `sym://team/${invite.group}?relay=${encodeURIComponent(invite.relay)}${token}`
}

export function isToken(text: string): boolean {
  return text.length <= LIMITS.invite.tokenCharacters && /^[\x21-\x7e]+$/.test(text)
}

/** The rule in words, with what is accepted: never with a part of the link. */
export function explainRule(rule: LinkRule): string {
  switch (rule) {
    case 'link-length':
      return `it is longer than ${LIMITS.invite.linkCharacters} characters`
    case 'link-alphabet':
      return 'it holds a blank, a control character or a letter outside of ASCII'
    case 'link-form':
      return 'it has none of the forms sym://group/<group>, sym://team/<group>?relay=<url>, <app>://room/<id>/<name>, sym://join#v1.<…>'
    case 'link-scheme':
      return 'its scheme belongs to other programs'
    case 'link-percent':
      return 'it holds a % that is not followed by two hex digits of valid text'
    case 'link-group':
      return `its group is no group name: lowercase letters, digits and single dashes, at most ${LIMITS.group.nameCharacters} characters, like backend-team`
    case 'link-name':
      return 'its display name has characters that a name cannot have, or more than 64 bytes'
    case 'link-query':
      return 'after the question mark only relay and, beside it, token are allowed, each once, and not in a sym://group/ link'
    case 'link-token':
      return `its token is empty, longer than ${LIMITS.invite.tokenCharacters} characters or not printable ASCII`
    case 'relay-malformed':
      return `its relay is no plain URL of at most ${LIMITS.invite.relayCharacters} characters, without user, query and fragment`
    case 'relay-scheme':
      return 'its relay is not encrypted: wss:// is needed'
    case 'relay-private':
      return 'its relay is on this machine or in a private network; such a relay has to be configured by a person first'
  }
}

interface Parts {
  readonly scheme: string
  readonly word: string
  readonly first: string
  readonly second: string | undefined
  readonly query: string | undefined
}

function readOpen({ scheme, word, first, second, query }: Parts, options: ReadOptions): LinkVerdict {
  const isSym = scheme === 'sym'
  if (FOREIGN.test(scheme)) return refused('link-scheme')
  if (isSym ? second !== undefined : word !== 'room') return refused('link-form')
  const [id, name] = [decode(first), second === undefined ? undefined : decode(second)]
  if (id === undefined || (second !== undefined && name === undefined)) return refused('link-percent')
  const group = parseGroupName(isSym ? id : `${scheme}-${id}`)
  if (group === undefined) return refused('link-group')
  const displayName = name === undefined ? undefined : parseWireName(name)
  if (name !== undefined && displayName === undefined) return refused('link-name')
  const path = readQuery(query, options, isSym && word === 'group')
  return path.kind === 'refused' ? path : { kind: 'ok', link: { kind: 'open', group, displayName, relay: path.relay, token: path.token } }
}

type Path = { readonly kind: 'path'; readonly relay: RelayUrl | undefined; readonly token: Secret | undefined }

function readQuery(query: string | undefined, { knownRelays = [], isTyped = false }: ReadOptions, isLanOnly: boolean): Path | LinkRefusal {
  if (query === undefined) return { kind: 'path', relay: undefined, token: undefined }
  const pairs = query.split('&').map((pair) => /^(relay|token)=(.*)$/.exec(pair))
  const names = pairs.map((pair) => pair?.[1])
  const isKnown = names.includes('relay') && names.length === new Set(names).size && !names.includes(undefined)
  if (!isKnown || isLanOnly) return refused('link-query')
  const values = new Map(pairs.map((pair) => [pair?.[1], decode(pair?.[2] ?? '')]))
  if ([...values.values()].includes(undefined)) return refused('link-percent')
  const token = values.get('token')
  if (token !== undefined && !isToken(token)) return refused('link-token')
  const relay = parseRelayUrl(values.get('relay') ?? '', knownRelays, isTyped)
  if (relay.kind === 'refused') return relay
  return { kind: 'path', relay: relay.url, token: token === undefined ? undefined : new Secret(token) }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone %, or bytes that are no UTF-8.
    return undefined
  }
}

function refused(rule: LinkRule): LinkRefusal {
  return { kind: 'refused', rule }
}
