import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attentionEditor } from '../../../server/src/app/attention-file.ts'
import { AttentionWatch } from '../../../server/src/app/attention-watch.ts'
import { changePersonFile } from '../../../server/src/app/person-file.ts'
import { readPersonWishes, readSettings } from '../../../server/src/app/settings.ts'
import { systemClock } from '../../../server/src/base/clock.ts'
import { Guard } from '../../../server/src/base/guard.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import { USUAL_ATTENTION } from '../../../server/src/mcp/attention.ts'

const KEY = 'ab'.repeat(32)
let root = ''
const file = () => path.join(root, 'settings.json')
const write = (content: unknown) => writeFileSync(file(), typeof content === 'string' ? content : JSON.stringify(content))
const read = (): unknown => JSON.parse(readFileSync(file(), 'utf8'))
const attention = () => {
  const wishes = readPersonWishes(root)
  if (typeof wishes === 'string') throw new Error(wishes)
  return wishes.attention
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'person-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('a change of the person’s settings', () => {
  it('makes the file where there is none, for its owner alone', () => {
    attentionEditor(root).setMode('inbox')
    expect(read()).toEqual({ mode: 'inbox' })
    expect(statSync(file()).mode & 0o777).toBe(0o600)
  })

  it('keeps what it does not know, and the order of it', () => {
    write({ later: { deep: [1, 2] }, group: 'web', mode: 'push' })
    attentionEditor(root).setMode('off')
    expect(JSON.stringify(read())).toBe('{"later":{"deep":[1,2]},"group":"web","mode":"off"}')
  })

  it.each(['{', '[]', '"x"', 'null', '{"mode": "push",}', '\x80'])('leaves a file that reads %j alone, and says so', (text) => {
    write(text)
    const before = readFileSync(file())
    expect(() => attentionEditor(root).setMode('off')).toThrow(/settings\.json does not read as a JSON object; it was left as it is/)
    expect(readFileSync(file()).equals(before)).toBe(true)
  })

  it('is made again on what another program wrote meanwhile', () => {
    write({ mode: 'push' })
    let isFirst = true
    changePersonFile(root, (own) => {
      if (isFirst) write({ mode: 'push', group: 'web' })
      isFirst = false
      return { ...own, dnd: true }
    })
    expect(read()).toEqual({ mode: 'push', group: 'web', dnd: true })
    expect(() =>
      changePersonFile(root, (own) => {
        write({ n: Math.random() })
        return { ...own, dnd: false }
      }),
    ).toThrow(/is being changed by another program; try again/)
  })

  it('writes nothing when nothing changes', () => {
    attentionEditor(root).mute('kinds', 'claim')
    chmodSync(file(), 0o644)
    expect(attentionEditor(root).mute('kinds', 'claim')).toBe(false)
    expect(attentionEditor(root).unmute('kinds', 'other')).toBe(false)
    expect(statSync(file()).mode & 0o777).toBe(0o644)
  })

  it('mutes and unmutes a peer, a kind and a group, each on its own [R125]', () => {
    const editor = attentionEditor(root)
    expect([editor.mute('peers', KEY), editor.mute('kinds', 'claim'), editor.mute('groups', 'web')]).toEqual([true, true, true])
    expect(attention().mutes).toEqual({ peers: [KEY], kinds: ['claim'], groups: ['web'] })
    expect(editor.unmute('kinds', 'web')).toBe(false)
    expect(editor.unmute('groups', 'web')).toBe(true)
    expect(attention().mutes).toEqual({ peers: [KEY], kinds: ['claim'], groups: [] })
  })

  it('finds a muted peer by the digits that a person wrote', () => {
    write({ mutes: { peers: [`${KEY.slice(0, 4)} ${KEY.slice(4, 8)}`.toUpperCase(), 'cd'.repeat(32)] } })
    expect(attention().mutes.peers).toEqual([KEY.slice(0, 8), 'cd'.repeat(32)])
    expect(attentionEditor(root).unmute('peers', KEY)).toBe(true)
    expect(attention().mutes.peers).toEqual(['cd'.repeat(32)])
  })
})

describe('the person’s wishes', () => {
  it.each([
    ['nothing', undefined, USUAL_ATTENTION],
    ['an empty file', '', USUAL_ATTENTION],
    ['a mode', { mode: 'off' }, { ...USUAL_ATTENTION, mode: 'off' }],
    ['do not disturb and no wakes', { dnd: true, wake: 'off' }, { ...USUAL_ATTENTION, isDoNotDisturb: true, wake: 'off' }],
  ])('are as %s says [R125]', (_, content, expected) => {
    if (content !== undefined) write(content)
    expect(attention()).toEqual(expected)
    expect(readSettings({ SYM_STATE_DIR: root }, root).attention).toEqual(expected)
  })

  it.each([{ mode: 'loud' }, { dnd: 'yes' }, { wake: true }, { mutes: { peers: ['bob'] } }, { mutes: { nobody: [] } }, { mutes: [] }])(
    'are not guessed from %j',
    (content) => {
      write(content)
      expect(readPersonWishes(root)).toMatch(/settings\.json: /)
      expect(() => readSettings({ SYM_STATE_DIR: root }, root)).toThrow(/settings\.json/)
    },
  )

  it('are followed while they change; a fault keeps the last ones and is told [R12] [R125]', async () => {
    const watch = new AttentionWatch({ root, clock: systemClock, guard: new Guard(silentLog) })
    const changed = () => new Promise<void>((resolve) => watch.onChange(resolve))
    watch.start()
    for (const mode of ['inbox', 'off', 'push'] as const) {
      const heard = changed()
      attentionEditor(root).setMode(mode)
      await heard
      expect(watch.attention.mode).toBe(mode)
    }
    const dnd = changed()
    attentionEditor(root).setDoNotDisturb(true)
    await dnd
    const broken = changed()
    write('{')
    await broken
    expect([watch.attention.isDoNotDisturb, watch.fault?.includes('settings.json')]).toEqual([true, true])
    const mended = changed()
    write({ group: 'web' })
    await mended
    expect([watch.attention, watch.fault, watch.others]).toEqual([USUAL_ATTENTION, undefined, '{"group":"web"}'])
    await watch.stop()
  })
})
