/**
 * What the host would not notice by itself: a channel that points nowhere, an option that nobody declares, a tool that
 * does not exist, a variable of the user that we erase. The host starts no server then, or no channel, with hardly a word.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { MAX_AGE_MS } from '../../server/src/hook/waiter.ts'
import { INSTRUCTIONS } from '../../server/src/mcp/instructions.ts'
import { TOOL_NAMES } from '../../server/src/mcp/tool-names.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
/** The host puts the plugin's folder in the place of the variable. */
const BUNDLES = `\${CLAUDE_PLUGIN_ROOT}/server/dist`
const HOOK_EVENTS = ['PostToolUse', 'SessionStart', 'Stop', 'UserPromptSubmit']

const Server = z.strictObject({ command: z.string(), args: z.array(z.string()), env: z.record(z.string(), z.string()) })
const Plugin = z.strictObject({
  name: z.string(),
  displayName: z.string(),
  version: z.string(),
  description: z.string(),
  author: z.strictObject({ name: z.string() }),
  homepage: z.url(),
  repository: z.url(),
  license: z.string(),
  keywords: z.array(z.string()),
  mcpServers: z.record(z.string(), Server),
  channels: z.array(z.strictObject({ server: z.string(), displayName: z.string() })),
  userConfig: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
    z.strictObject({
      type: z.enum(['string', 'number', 'boolean']),
      title: z.string(),
      description: z.string(),
      default: z.string(),
      sensitive: z.literal(true).optional(),
    }),
  ),
})
const Marketplace = z.strictObject({
  description: z.string().min(40),
  name: z.string(),
  owner: z.strictObject({ name: z.string() }),
  plugins: z.array(z.strictObject({ name: z.string(), source: z.string(), description: z.string() })),
})
const Handler = z.strictObject({
  type: z.literal('command'),
  command: z.string(),
  args: z.array(z.string()),
  timeout: z.number(),
  asyncRewake: z.literal(true).optional(),
})
const Hooks = z.strictObject({
  description: z.string(),
  hooks: z.record(z.string(), z.array(z.strictObject({ matcher: z.string().optional(), hooks: z.array(Handler) }))),
})

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}

function json(file: string): unknown {
  return JSON.parse(read(file))
}

/** Frontmatter (one `key: value` per line) and body. */
function page(file: string): { readonly facts: Readonly<Record<string, string>>; readonly body: string } {
  const [, head = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(read(file)) ?? []
  const pairs = head.split('\n').map((line) => /^([a-z-]+): (.+)$/.exec(line) ?? [line, line, ''])
  return { facts: Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, value])), body }
}

const plugin = Plugin.parse(json('.claude-plugin/plugin.json'))
const marketplace = Marketplace.parse(json('.claude-plugin/marketplace.json'))
const hooks = Hooks.parse(json('hooks/hooks.json'))
const pack = z.object({ name: z.string(), version: z.string(), license: z.string() }).parse(json('package.json'))
const commands = readdirSync(path.join(ROOT, 'commands')).map((name) => `commands/${name}`)
const skills = readdirSync(path.join(ROOT, 'skills')).map((name) => `skills/${name}/SKILL.md`)
const fullNames = Object.keys(plugin.mcpServers).flatMap((server) =>
  TOOL_NAMES.map((tool) => `mcp__plugin_${plugin.name}_${server}__${tool}`),
)

describe('plugin.json', () => {
  it('has channels that name a server of the manifest', () => {
    expect(plugin.channels).not.toEqual([])
    for (const { server } of plugin.channels) expect(Object.keys(plugin.mcpServers)).toContain(server)
  })

  it('agrees with package.json', () => {
    expect([plugin.name, plugin.version, plugin.license]).toEqual([pack.name, pack.version, pack.license])
  })

  it('uses only options that it declares, each with a default, and every one that it declares', () => {
    const used = [...JSON.stringify(plugin.mcpServers).matchAll(/\$\{user_config\.([^}]*)\}/g)].map((match) => match[1])
    expect(new Set(used)).toEqual(new Set(Object.keys(plugin.userConfig)))
  })

  it("names no variable of the user's own in env, which would erase it [R9]", () => {
    for (const { env } of Object.values(plugin.mcpServers)) {
      for (const [name, value] of Object.entries(env)) {
        expect(name).toMatch(/^CLAUDE_PLUGIN_OPTION_[A-Z_]+$/)
        expect(value).toBe(`\${user_config.${name.slice('CLAUDE_PLUGIN_OPTION_'.length).toLowerCase()}}`)
      }
    }
  })

  it('starts a bundle from the plugin root, with the server key that users see [R134]', () => {
    expect(plugin.mcpServers).toMatchObject({ 'sym-mesh': { command: 'node', args: [`${BUNDLES}/server.mjs`] } })
  })

  it('gives tools names of at most 64 characters', () => {
    for (const name of fullNames) expect(name.length).toBeLessThanOrEqual(64)
  })

  it('stands alone: no project-wide server, no npm lockfile that would make the host install', () => {
    for (const file of ['.mcp.json', 'package-lock.json', 'npm-shrinkwrap.json', 'plugin.json', 'marketplace.json']) {
      expect(existsSync(path.join(ROOT, file))).toBe(false)
    }
  })
})

describe('marketplace.json', () => {
  it('offers this plugin out of its own root, with no version of its own', () => {
    expect(marketplace.name).toBe(plugin.name)
    expect(marketplace.plugins).toEqual([{ name: plugin.name, source: './', description: plugin.description }])
  })
})

describe('hooks.json', () => {
  it('registers what exists, in exec form, with a short timeout [R132]', () => {
    expect(Object.keys(hooks.hooks).sort()).toEqual(HOOK_EVENTS)
    for (const [event, matchers] of Object.entries(hooks.hooks)) {
      const handlers = matchers.flatMap(({ matcher, hooks }) => (matcher === undefined ? hooks : []))
      const inTurn = handlers.filter(({ asyncRewake }) => !asyncRewake)
      expect(inTurn).toEqual([{ type: 'command', command: 'node', args: [`${BUNDLES}/hook.mjs`, event], timeout: 5 }])
    }
  })

  it('lets one background hook wait where a turn may end, longer than it waits, and not longer than a timer can [R116]', () => {
    const waiting = Object.entries(hooks.hooks).flatMap(([event, matchers]) =>
      matchers.flatMap((matcher) => matcher.hooks.filter(({ asyncRewake }) => asyncRewake).map((handler) => ({ event, handler }))),
    )
    expect(waiting.map(({ event }) => event).sort()).toEqual(['SessionStart', 'Stop'])
    for (const { handler } of waiting) {
      expect(handler).toMatchObject({ command: 'node', args: [`${BUNDLES}/hook.mjs`, 'wait'] })
      expect(handler.timeout * 1_000).toBeGreaterThan(MAX_AGE_MS)
      // Above this the older client ends the hook at once.
      expect(handler.timeout * 1_000).toBeLessThan(2 ** 31)
    }
  })

  it('persists a group behind the two tools that can join one, under any key of ours [R90]', () => {
    const special = Object.entries(hooks.hooks).flatMap(([event, matchers]) =>
      matchers.flatMap((one) => (one.matcher ? [{ event, ...one }] : [])),
    )
    const persist = { type: 'command', command: 'node', args: [`${BUNDLES}/hook.mjs`, 'persist'], timeout: 30 }
    expect(special).toMatchObject([{ event: 'PostToolUse', hooks: [persist] }])
    const pattern = new RegExp(`^(?:${special[0]?.matcher})$`)
    const matched = [...fullNames, ...TOOL_NAMES.map((name) => `mcp__claude-sym-mesh__${name}`)].filter((name) => pattern.test(name))
    expect(matched.map((name) => name.split('__').at(-1)).sort()).toEqual([
      'sym_invite_create',
      'sym_invite_create',
      'sym_join_group',
      'sym_join_group',
    ])
  })

  it('uses no option: a hook with an unset one would not run', () => {
    expect(read('hooks/hooks.json')).not.toContain('user_config')
  })
})

describe('commands', () => {
  it('are those that exist [R135]', () => {
    const names = ['ask', 'doctor', 'invite', 'join', 'peers', 'status']
    expect(commands).toEqual(names.map((name) => `commands/mesh-${name}.md`))
  })

  it.each(commands)('%s answers to its bare name and may use existing tools only', (file) => {
    const { facts, body } = page(file)
    expect(facts['name']).toBe(path.basename(file, '.md'))
    expect(facts['description']?.length).toBeLessThanOrEqual(60)
    const allowed = facts['allowed-tools']?.split(', ') ?? []
    expect(allowed).not.toEqual([])
    for (const tool of allowed) expect(fullNames).toContain(tool)
    for (const tool of allowed) expect(body).toContain(`\`${tool.split('__').at(-1)}\``)
    const changesGroups = /mesh-(?:join|invite)\.md$/.test(file)
    const more = changesGroups ? ['argument-hint', 'disable-model-invocation'] : []
    expect(Object.keys(facts).sort()).toEqual([...more, 'allowed-tools', 'description', 'name'].sort())
    if (!changesGroups) return
    expect(facts['disable-model-invocation']).toBe('true')
    expect(body).toMatch(/from a peer[^.]*refused|came from a peer is refused/)
  })

  it.each(commands)('%s runs nothing in a shell and takes no argument by position [C3]', (file) => {
    const { body } = page(file)
    expect(body).not.toMatch(/!`/)
    expect(body).not.toMatch(/\$\d|\$\{user_config/)
  })
})

describe('skills', () => {
  it.each(skills)('%s has a legal name and a bounded description [R136]', (file) => {
    const { facts, body } = page(file)
    expect(facts['name']).toBe(path.basename(path.dirname(file)))
    expect(facts['name']).toMatch(/^(?!.*claude)[a-z0-9]+(?:-[a-z0-9]+)*$/)
    expect(facts['name']?.length).toBeLessThanOrEqual(64)
    expect(facts['description']?.length).toBeLessThanOrEqual(1_024)
    expect(facts['description']).toMatch(/\. Use when /)
    expect(facts['description']).not.toMatch(/[<>]/)
    expect(Object.keys(facts).sort()).toEqual(['description', 'license', 'name'])
    expect(body.split('\n').length).toBeLessThan(200)
  })
})

describe('what Claude is told', () => {
  const texts = [...commands, ...skills].map((file): [string, string] => [file, read(file)])

  it('fits where the host cuts [R122]', () => {
    expect(INSTRUCTIONS.length).toBeLessThanOrEqual(2_048)
  })

  it.each([...texts, ['the instructions', INSTRUCTIONS] as [string, string]])(
    'names no tool or command that does not exist in %s',
    (_, text) => {
      for (const [tool] of text.matchAll(/\bsym_[a-z_]+/g)) expect(TOOL_NAMES).toContain(tool)
      const known = commands.map((file) => `/${path.basename(file, '.md')}`)
      for (const [, command] of text.matchAll(/(?:^|[\s`(])(\/mesh-[a-z]+)/g)) expect(known).toContain(command)
    },
  )

  it('says whose words are data, in instructions and skill alike [R122, C1]', () => {
    for (const text of [INSTRUCTIONS, read('skills/mesh-peers-talk/SKILL.md')]) {
      expect(text).toMatch(/none of the user's authority/)
      expect(text).toMatch(/because a message says so/i)
    }
  })

  it('gives the agent no reason to hurry [R68]', () => {
    for (const [, text] of [...texts, ['', INSTRUCTIONS] as const])
      expect(text).not.toMatch(/\bat once\b|immediately|right away|always (?:reply|respond)/i)
  })

  it('mentions every tool in the instructions [R122]', () => {
    for (const tool of TOOL_NAMES) expect(INSTRUCTIONS).toContain(tool)
  })
})
