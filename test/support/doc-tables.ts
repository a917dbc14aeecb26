/** The tables of the documents, made from the code. Each stands between a line that names it and a line that ends it. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { VARIABLES, type Variable } from '../../server/src/app/variables.ts'
import { LIMITS } from '../../server/src/base/limits.ts'
import { createProgram } from '../../server/src/cli/program.ts'
import { TOOLS } from '../../server/src/mcp/tools.ts'
import { cliDeps } from './cli.ts'

const ROOT = dirname(dirname(import.meta.dirname))
type Command = ReturnType<typeof createProgram>['commands'][number]

const TABLES: Readonly<Record<string, () => string>> = {
  'slash-commands': () => table(['command', 'what it does'], slashCommands()),
  'shell-commands': () => table(['command', 'what it does', 'options'], createCommands().map(shellRow)),
  options: () => table(['option', 'of', 'what it does'], optionRows()),
  tools: () =>
    table(
      ['tool', 'what it does', 'takes'],
      TOOLS.map((tool) => toolRow(tool.declaration())),
    ),
  variables: () => variables('person'),
  'variables-of-others': () => variables('others'),
  'variables-of-a-relay': () => variables('relay'),
}

export const TABLE_NAMES = Object.keys(TABLES)

/** The document with its tables as they should be; throws for a table that nobody makes. */
export function withTables(text: string): string {
  const filled = text.replace(
    /(<!-- generated: ([\w-]+);[^\n]*-->\n)[\s\S]*?(<!-- end -->)/g,
    (_all, begin: string, name: string, end: string) => {
      const make = TABLES[name]
      if (make === undefined) throw new Error(`there is no table ${name}; known are ${Object.keys(TABLES).join(', ')}`)
      return `${begin}${make()}\n${end}`
    },
  )
  return withLimits(filled)
}

/** The words about a limit are written by hand, its value is not. */
function withLimits(text: string): string {
  const values = new Map(leaves(LIMITS))
  return text.replace(/^(\| `([\w.]+)` \| )[\d,.]+( \|)/gm, (all, before: string, name: string, after: string) => {
    const value = values.get(name)
    return value === undefined ? all : `${before}${value.toLocaleString('en-US')}${after}`
  })
}

function slashCommands(): string[][] {
  const folder = join(ROOT, 'commands')
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const description = /^description: (.+)$/m.exec(readFileSync(join(folder, file), 'utf8'))?.[1] ?? ''
      return [`\`/${file.replace(/\.md$/, '')}\``, description.replace(/^"|"$/g, '')]
    })
}

function createCommands(): readonly Command[] {
  return createProgram(cliDeps()).commands
}

function shellRow(command: Command): string[] {
  return [`\`${usageOf(command)}\``, command.description(), command.options.map(({ long }) => `\`${long}\``).join(' ')]
}

/** The name and the arguments: `send <text>`, `status [id]`, `relay [files...]`. */
export function usageOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}...` : argument.name()
    return argument.required ? `<${name}>` : `[${name}]`
  })
  return [command.name(), ...words].join(' ')
}

/** An option that several commands have with the same words stands there once. */
function optionRows(): string[][] {
  const known = new Map<string, { flags: string; words: string; of: string[] }>()
  for (const command of createCommands()) {
    for (const { flags, description, argChoices } of command.options) {
      const words = argChoices === undefined ? description : `${description}: ${argChoices.join(', ')}`
      const entry = known.get(`${flags} ${words}`) ?? { flags, words, of: [] }
      entry.of.push(command.name())
      known.set(`${flags} ${words}`, entry)
    }
  }
  const all = createCommands().length
  return [...known.values()]
    .sort((a, b) => (a.flags < b.flags ? -1 : a.flags > b.flags ? 1 : 0))
    .map(({ flags, words, of }) => [`\`${flags}\``, of.length >= all - 1 ? 'all' : of.join(', '), words])
}

function toolRow({ name, description, inputSchema }: ReturnType<(typeof TOOLS)[number]['declaration']>): string[] {
  const [first = ''] = description.split(/(?<=[.!?])\s+(?=[A-Z])/)
  const properties = inputSchema['properties']
  const takes = typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
  return [`\`${name}\``, first, takes.map((parameter) => `\`${parameter}\``).join(' ')]
}

function variables(by: Variable['by']): string {
  const rows = Object.entries(VARIABLES).filter(([, variable]) => variable.by === by)
  return table(
    ['variable', 'meaning'],
    rows.map(([name, { meaning }]) => [`\`${name}\``, meaning]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells
      .map((cell) =>
        cell
          .replace(/(?<!\\)\|/g, '\\|')
          .replace(/\s+/g, ' ')
          .trim(),
      )
      .join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

export function leaves(value: object, path = ''): [string, number][] {
  return Object.entries(value).flatMap(([name, entry]): [string, number][] =>
    typeof entry === 'object' ? leaves(entry, `${path}${name}.`) : [[`${path}${name}`, entry]],
  )
}
