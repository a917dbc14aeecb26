import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type KeepContext, type KeepTarget, keepGroup, parseTarget, planKeep, pluginTarget } from '../../../server/src/install/keep.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'keep-'))
  mkdirSync(path.join(home, '.claude'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const settings = () => path.join(home, '.claude/settings.json')
const data = (name: string) => path.join(home, '.claude/plugins/data', name)
const plan = (more: Partial<KeepContext> = {}) =>
  planKeep({
    source: 'default',
    root: path.join(home, '.sym'),
    project: path.join(home, 'project'),
    pluginData: undefined,
    configFolder: undefined,
    home,
    isShell: false,
    ...more,
  })
const OPTION = ['pluginConfigs', 'sym-mesh-channel@market', 'options', 'group']
const target = (): KeepTarget => {
  const found = pluginTarget(data('sym-mesh-channel-market'))
  if (found === undefined) throw new Error('no target')
  return found
}
const options = () => JSON.parse(readFileSync(settings(), 'utf8')).pluginConfigs['sym-mesh-channel@market'].options

describe('where a group is kept [R90]', () => {
  it.each([
    ['SYM_GROUP', {}],
    ['/home/me/project/.sym-mesh.json', { pluginData: '/x/plugins/data/sym-mesh-channel-market' }],
  ])('nowhere, when %s names it in any case', (source, more) => {
    expect(plan({ source, ...more })).toEqual({ kind: 'fixed', source })
  })

  it('in the option of the plugin that this is', () => {
    expect(plan({ pluginData: `${data('sym-mesh-channel-market')}/` })).toEqual({ kind: 'plugin', file: settings(), path: OPTION })
    expect(plan({ source: 'plugin option group', pluginData: data('sym-mesh-channel-a-b') })).toMatchObject({
      path: ['pluginConfigs', 'sym-mesh-channel@a-b', 'options', 'group'],
    })
  })

  it('in our own file, where the plugin was only loaded, or there is none', () => {
    const own = { kind: 'own', file: path.join(home, '.sym/settings.json'), path: ['group'] }
    for (const pluginData of [data('sym-mesh-channel-inline'), data('other-market'), data('sym-mesh-channel-'), undefined]) {
      expect(plan({ pluginData })).toEqual(own)
    }
    expect(plan({ source: path.join(home, '.sym/settings.json') })).toEqual(own)
  })

  it('in the entry that init wrote, when that names a group', () => {
    const env = { CLAUDE_PLUGIN_OPTION_GROUP: 'a' }
    const entry = { mcpServers: { 'claude-sym-mesh': { command: 'node', args: ['/p/server/dist/server.mjs'], env } } }
    writeFileSync(path.join(home, '.claude.json'), JSON.stringify(entry))
    const found = plan({ source: 'plugin option group' })
    expect(found).toMatchObject({ kind: 'entry', file: path.join(home, '.claude.json') })
    if (found.kind === 'fixed') throw new Error('unreachable')
    expect(keepGroup(found, 'b')).toBeUndefined()
    expect(JSON.parse(readFileSync(found.file, 'utf8')).mcpServers['claude-sym-mesh'].env).toEqual({ CLAUDE_PLUGIN_OPTION_GROUP: 'b' })
    expect(plan()).toMatchObject({ kind: 'own' })
  })

  it('for a shell, in the one plugin of ours that is switched on', () => {
    const enabled = (enabledPlugins: object) => writeFileSync(settings(), JSON.stringify({ enabledPlugins }))
    enabled({ 'sym-mesh-channel@market': true, 'other@market': true })
    expect(plan({ isShell: true })).toMatchObject({ kind: 'plugin', path: OPTION })
    expect(plan()).toMatchObject({ kind: 'own' })
    enabled({ 'sym-mesh-channel@market': false })
    expect(plan({ isShell: true })).toMatchObject({ kind: 'own' })
    enabled({ 'sym-mesh-channel@market': true, 'sym-mesh-channel@other': true })
    expect(plan({ isShell: true })).toMatchObject({ kind: 'own' })
  })
})

describe('keeping a group [R90]', () => {
  it('changes one text: mode, order, comments and the rest stay, and nothing is left beside', () => {
    const before =
      '{\n  // mine\n  "model": "x",\n  "pluginConfigs": { "sym-mesh-channel@market": { "options": { "other": "1", "group": "a" } } }\n}\n'
    writeFileSync(settings(), before, { mode: 0o640 })
    expect(keepGroup(target(), 'b')).toBeUndefined()
    expect(readFileSync(settings(), 'utf8')).toBe(before.replace('"group": "a"', '"group": "b"'))
    expect(statSync(settings()).mode & 0o777).toBe(0o640)
    expect(readdirSync(path.join(home, '.claude'))).toEqual(['settings.json'])
  })

  it('makes the members, and the file, where they are missing', () => {
    for (const before of ['{}', '{"pluginConfigs":{}}', '{"pluginConfigs":{"sym-mesh-channel@market":{}}}', undefined]) {
      if (before === undefined) rmSync(settings())
      else writeFileSync(settings(), before)
      expect(keepGroup(target(), 'team')).toBeUndefined()
      expect(options()).toEqual({ group: 'team' })
    }
  })

  it.each(['', '{', '[]', '{"pluginConfigs": 7}', '{"pluginConfigs":{"sym-mesh-channel@market":{"options":null}}}', '{"a":1,"a":2}'])(
    'leaves %j alone or makes it whole, and says which',
    (before) => {
      writeFileSync(settings(), before)
      const problem = keepGroup(target(), 'team')
      if (problem === undefined) expect(options()).toEqual({ group: 'team' })
      else {
        expect(readFileSync(settings(), 'utf8')).toBe(before)
        expect(problem).toMatch(/settings\.json .*left as it is/)
      }
    },
  )

  it('says what is in the way of a folder that cannot be written', () => {
    writeFileSync(settings(), '{}')
    expect(keepGroup({ ...target(), file: path.join(settings(), 'settings.json') }, 'team')).toMatch(/left as it is/)
  })

  it('writes nowhere but at the three places, whoever asks', () => {
    for (const good of [target(), { kind: 'own', file: '/r/settings.json', path: ['group'] }]) expect(parseTarget(good)).toEqual(good)
    for (const members of [
      ['hooks'],
      ['pluginConfigs', 'other@m', 'options', 'group'],
      ['pluginConfigs', 'sym-mesh-channel@m', 'options', 'x'],
      ['mcpServers', 'x'],
      [],
      'group',
    ]) {
      expect(parseTarget({ kind: 'own', file: '/r/settings.json', path: members })).toBeUndefined()
    }
    expect(parseTarget({ kind: 'own', file: 'settings.json', path: ['group'] })).toBeUndefined()
  })
})
