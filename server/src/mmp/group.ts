/**
 * Names of groups. A group is the audience of a record; an open one is its name, a private one `<label>:<12 hex digits>`
 * of its random id, which no open name can be. On a LAN an open group is a service type, a private one is nothing to see.
 */
import { LIMITS } from '../base/limits.ts'

declare const brand: unique symbol
/** Of an open group, or the value of a private one. */
export type GroupName = string & { readonly [brand]: 'GroupName' }
/** 128 random bits of a private group, 32 hex digits. */
export type GroupId = string & { readonly [brand]: 'GroupId' }

const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** An open group: lowercase letters and digits in words joined by single dashes, at most 62 characters; else undefined. */
export function parseGroupName(text: string): GroupName | undefined {
  return text.length <= LIMITS.group.nameCharacters && KEBAB.test(text) ? (text as GroupName) : undefined
}

/** An open group, or a private one by its value; else undefined. */
export function parseGroupValue(text: string): GroupName | undefined {
  return isPrivateValue(text) ? (text as GroupName) : parseGroupName(text)
}

export function isPrivateValue(text: string): boolean {
  const [label = '', digits = '', ...more] = text.split(':')
  return more.length === 0 && /^[0-9a-f]{12}$/.test(digits) && label.length <= LIMITS.privateGroup.labelCharacters && KEBAB.test(label)
}

export function parseGroupId(text: string): GroupId | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? (text as GroupId) : undefined
}

export function privateValue(label: string, id: GroupId): GroupName {
  return `${label}:${id.slice(0, 12)}` as GroupName
}

/** What the hello of a private group says in the place of a name; no name of an open group has a colon. */
export function privateRoom(id: GroupId): string {
  return `private:${id}`
}

/** The DNS-SD type under which an open group is announced: `default` is MMP's own `_sym._tcp`. */
export function serviceTypeOf(group: GroupName): string {
  return group === 'default' ? '_sym._tcp' : `_${group}._tcp`
}
