/** What the commands `mode`, `dnd`, `mute` and `unmute` write into the person's settings. */
import type { AttentionEditor, MuteList } from '../cli/attention-commands.ts'
import { changePersonFile, type PersonSettings } from './person-file.ts'

export function attentionEditor(root: string): AttentionEditor {
  return {
    setMode: (mode) => changePersonFile(root, (own) => ({ ...own, mode })),
    setDoNotDisturb: (isOn) => changePersonFile(root, (own) => ({ ...own, dnd: isOn })),
    mute: (list, entry) => changeList(root, list, (entries) => (entries.includes(entry) ? entries : [...entries, entry])),
    unmute: (list, entry) => changeList(root, list, (entries) => entries.filter((one) => !isMeant(list, one, entry))),
  }
}

/** True when the list is another one now. */
function changeList(root: string, list: MuteList, change: (entries: readonly unknown[]) => readonly unknown[]): boolean {
  let isChanged = false
  changePersonFile(root, (own) => {
    const mutes = mutesOf(own)
    const before = Array.isArray(mutes[list]) ? mutes[list] : []
    const after = change(before)
    isChanged = after.length !== before.length
    return isChanged ? { ...own, mutes: { ...mutes, [list]: after } } : own
  })
  return isChanged
}

function mutesOf(own: PersonSettings): Readonly<Record<string, unknown>> {
  const { mutes } = own
  return typeof mutes === 'object' && mutes !== null ? { ...mutes } : {}
}

/** A fingerprint in the list may be shorter than the one that is meant. */
function isMeant(list: MuteList, written: unknown, entry: string): boolean {
  if (typeof written !== 'string') return false
  return list === 'peers' ? entry.startsWith(written.replaceAll(' ', '').toLowerCase()) : written === entry
}
