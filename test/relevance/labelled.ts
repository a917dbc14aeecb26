/** Reads the labelled set: what sessions hold, what arrives, and what each arrival is to what is held. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { buildCat7 } from '../../server/src/mmp/cat7.ts'
import { type Cat7, FIELD_NAMES } from '../../server/src/mmp/cmb.ts'

export const LABELS = ['copy', 'same', 'consequence', 'fix', 'component', 'sense', 'unrelated'] as const
export type Label = (typeof LABELS)[number]

export interface Case {
  readonly label: Label
  readonly fields: Cat7
}

export interface Scenario {
  readonly name: string
  readonly memory: readonly Cat7[]
  readonly cases: readonly Case[]
}

/** Whether somebody who holds the memory wants to be told: a repetition is no news, the rest of the story is. */
export function isWanted(label: Label): boolean {
  return label !== 'copy' && label !== 'sense' && label !== 'unrelated'
}

export function readScenarios(folder: string): readonly Scenario[] {
  const files = readdirSync(folder).filter((file) => /^set-\d+\.txt$/.test(file))
  const text = files.sort().map((file) => readFileSync(path.join(folder, file), 'utf8'))
  return text.join('\n').split(/^== /m).slice(1).map(readScenario)
}

/** Every other scenario was looked at while the encoder was made; the others were not. */
export function halves(scenarios: readonly Scenario[]): { readonly tuned: readonly Scenario[]; readonly untouched: readonly Scenario[] } {
  return { tuned: scenarios.filter((_, at) => at % 2 === 0), untouched: scenarios.filter((_, at) => at % 2 === 1) }
}

function readScenario(block: string): Scenario {
  const [name = '', ...lines] = block.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const memory = lines.filter((line) => line.startsWith('memory |')).map(fieldsOf)
  const cases = lines.flatMap((line) => {
    const label = LABELS.find((one) => line.startsWith(`${one} |`))
    return label ? [{ label, fields: fieldsOf(line) }] : []
  })
  if (memory.length + cases.length !== lines.length) throw new Error(`${name}: a line without a label`)
  return { name, memory, cases }
}

function fieldsOf(line: string): Cat7 {
  const [, focus = '', ...others] = line.split(' | ')
  const named = others.map((part) => {
    const [, name = '', text = ''] = /^(\w+): (.*)$/s.exec(part) ?? []
    if (!FIELD_NAMES.some((one) => one === name)) throw new Error(`no field in ${JSON.stringify(part)}`)
    return [name, text] as const
  })
  return buildCat7({ focus, ...Object.fromEntries(named) })
}
