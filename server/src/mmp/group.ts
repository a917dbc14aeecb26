/**
 * Names of open groups. A group is the audience of a record and the room of a handshake; on a LAN it is a service type.
 */
import { LIMITS } from '../base/limits.ts'

declare const brand: unique symbol
export type GroupName = string & { readonly [brand]: 'GroupName' }

const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** Lowercase letters and digits in words joined by single dashes, at most 62 characters; else undefined. */
export function parseGroupName(text: string): GroupName | undefined {
  return text.length <= LIMITS.group.nameCharacters && KEBAB.test(text) ? (text as GroupName) : undefined
}

/** The DNS-SD type under which a group is announced: `default` is MMP's own `_sym._tcp`. */
export function serviceTypeOf(group: GroupName): string {
  return group === 'default' ? '_sym._tcp' : `_${group}._tcp`
}
