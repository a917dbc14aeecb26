/** What `uninstall --purge` leaves of us: nothing, and nothing of anybody else is touched. */
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hasTerminal, runCommand } from '../support/cli-run.ts'
import { Sessions } from '../support/sessions.ts'

const sessions = new Sessions()
afterEach(() => sessions.end())

describe.skipIf(!hasTerminal)('uninstall --purge', () => {
  it('waits for the last session to end, then deletes every file of ours and no other [R7]', async () => {
    const home = sessions.home()
    const place = { ...home, env: { SYM_LISTEN: '127.0.0.1:0' } }
    const alice = await sessions.start(home, 'alice')
    const decisions: readonly (readonly [readonly string[], readonly string[]])[] = [
      [['stock', 'default', 'warn'], ['y']],
      [['floor', 'default', 'verified'], ['y']],
      [['invite', 'plans', '--private'], ['y']],
      [['dnd', 'on'], []],
    ]
    for (const [args, typed] of decisions) expect(await runCommand(place, 'alice', args, typed)).toMatchObject({ code: 0 })
    writeFileSync(path.join(home.root, 'mine.txt'), 'not yours')
    const early = await runCommand(place, 'alice', ['uninstall', '--purge', '--yes'])
    expect(early).toMatchObject({ code: 1, err: expect.stringContaining('nothing in') })
    const before = readdirSync(home.root)
    for (const name of ['nodes', 'groups', 'stock.json', 'trust.json', 'user.json', 'settings.json', 'locks'])
      expect(before).toContain(name)
    await alice.stop()
    expect(await runCommand(place, 'alice', ['uninstall', '--purge', '--yes'])).toMatchObject({ code: 0 })
    expect(readdirSync(home.root)).toEqual(['mine.txt'])
  })
})
