/**
 * The client's own opinion of what we ship: both manifests, the hooks, commands and skills. The old client, given the
 * folder, looks at the marketplace only; so `plugin.json` is named as well.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { TOOL_NAMES } from '../../server/src/mcp/tool-names.ts'
import { describeClients } from '../support/claude-client/describe-clients.mjs'
import { Sandbox, shown } from '../support/claude-client/sandbox.mjs'
import { serveRepository } from '../support/git-server.ts'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const CLI = join(ROOT, 'server/dist/cli.mjs')

describeClients('manifests', ({ bin }) => {
  it.each(['.', '.claude-plugin/plugin.json'])('accepts %s, without a warning', async (path) => {
    const sandbox = await Sandbox.create({ client: bin })
    try {
      const { code, out, err } = await sandbox.claude(['plugin', 'validate', '--strict', join(ROOT, path)])
      expect(code, out + err).toBe(0)
    } finally {
      await sandbox.close()
    }
  })

  it("installs from a git repository, and the bundles run from the client's own copy [R1] [R8]", async () => {
    const repository = await serveRepository(ROOT, 'sym-mesh-channel')
    const sandbox = await Sandbox.create({ client: bin, rules: [{ times: 0, reply: 'DONE' }] })
    try {
      await sandbox.install(repository.url, 'sym-mesh-channel@sym-mesh-channel')
      expect(existsSync(join(sandbox.home, '.claude/plugins/cache/sym-mesh-channel/sym-mesh-channel'))).toBe(true)
      const { out } = await sandbox.claude(['mcp', 'list'])
      expect(out).toMatch(/sym-mesh.*Connected/i)
    } finally {
      await sandbox.close()
      repository.close()
    }
  })

  it('installs from the folder, offers exactly its tools to a session, and the doctor finds nothing wrong [R1] [R134] [R147]', async () => {
    const sandbox = await Sandbox.create({ client: bin, rules: [{ times: 0, reply: 'DONE' }] })
    try {
      await sandbox.install(ROOT, 'sym-mesh-channel@sym-mesh-channel')
      const { code, out, err } = await sandbox.print('hello')
      expect(code, out + err).toBe(0)
      const offered = sandbox.requests()[0]?.body.tools?.map((tool) => tool.name) ?? []
      const prefix = 'mcp__plugin_sym-mesh-channel_sym-mesh__'
      expect(offered.filter((name) => name.startsWith('mcp__')).sort()).toEqual(TOOL_NAMES.map((name) => prefix + name).sort())
      const env = { ...sandbox.env, PATH: `${dirname(bin)}${delimiter}${sandbox.env['PATH']}` }
      const doctor = spawnSync(process.execPath, [CLI, 'doctor'], { cwd: sandbox.proj, env, encoding: 'utf8' })
      expect(doctor).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('ok Installed as plugin sym-mesh-channel@sym-mesh-channel'),
      })
    } finally {
      await sandbox.close()
    }
  })

  it.each(['mesh-status', 'mesh-peers'])('runs /%s with one line of input [R135]', async (command) => {
    const tool = command === 'mesh-status' ? 'sym_status' : 'sym_peers'
    const sandbox = await Sandbox.create({
      client: bin,
      rules: [
        { when: { anyText: `Call .${tool}.` }, reply: { tool } },
        { times: 0, reply: 'DONE' },
      ],
    })
    try {
      await sandbox.install(ROOT, 'sym-mesh-channel@sym-mesh-channel')
      const { code, err } = await sandbox.print(`/${command}`)
      expect(code, err).toBe(0)
      const results = sandbox.requests().map(shown).join('\n')
      expect(results).toMatch(tool === 'sym_status' ? /This node: claude-/ : /No peers\./)
    } finally {
      await sandbox.close()
    }
  })
})
