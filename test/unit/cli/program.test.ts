import { describe, expect, it } from 'vitest'
import { createProgram, runCli } from '../../../server/src/cli/program.ts'
import { cliDeps } from '../../support/cli.ts'

const commands = createProgram(cliDeps()).commands

async function run(argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const note =
    (to: 'out' | 'err') =>
    (line: string): void => {
      said[to] += `${line}\n`
    }
  const code = await runCli(argv, cliDeps({ out: note('out'), err: note('err') }))
  return { code, ...said }
}

describe('the program', () => {
  it.each(commands.map((command) => [command.name(), command] as const))(
    '%s has --json, a description and an example in its help [R138]',
    async (name, command) => {
      expect(command.options.map(({ long }) => long)).toContain('--json')
      expect(command.description()).not.toBe('')
      const { out, code } = await run([name, '--help'])
      expect(code).toBe(0)
      expect(out).toMatch(new RegExp(`Example:\\n +\\$ sym-mesh-channel ${name}\\b`))
    },
  )

  it('gives 0 for help and 2 for what it does not understand, and names the nearest [R138] [R143]', async () => {
    expect((await run([])).code).toBe(0)
    expect(await run(['stauts'])).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean status?') })
    expect(await run(['inbox', '--unraed'])).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean --unread?') })
    expect(await run(['inbox', '--limit'])).toMatchObject({ code: 2 })
    expect(await run(['completions', 'csh'])).toMatchObject({ code: 2, err: expect.stringContaining('bash') })
    expect(await run(['status', 'surplus'])).toMatchObject({ code: 2 })
  })

  it('a flag without a value never takes the next word: it stays an argument [R143]', () => {
    for (const command of commands) {
      for (const option of command.options.filter(({ long }) =>
        ['--json', '--yes', '--all', '--unread', '--here', '--force', '--follow', '--token'].includes(long ?? ''),
      )) {
        expect(option.isBoolean(), `${command.name()} ${option.long}`).toBe(true)
      }
    }
    const observe = createProgram(cliDeps()).commands.find((command) => command.name() === 'observe')
    observe?.exitOverride().action(() => {})
    observe?.parse(['--json', 'the focus'], { from: 'user' })
    expect(observe?.args).toEqual(['the focus'])
  })
})
