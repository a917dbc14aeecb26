/** The comparison as a page: every way of judging on the scenarios that nobody looked at while the encoder was made. */
import { lexicalEncoder } from '../../server/src/memory/encoder.ts'
import { admitEverything, gate, type Judge, type Score, score, trigramConfig, trigrams, wordOverlap } from './judges.ts'
import { halves, LABELS, readScenarios, type Scenario } from './labelled.ts'

export interface Compared {
  readonly name: string
  /** What was chosen on the tuned half. */
  readonly chosen: string
  readonly score: Score
}

const range = (from: number, to: number, steps: number) => Array.from({ length: steps + 1 }, (_, at) => from + ((to - from) * at) / steps)

/** Each way with the thresholds that were best for it on the tuned half. Ours is fixed in the source. */
export function compare(folder: string): readonly Compared[] {
  const { tuned, untouched } = halves(readScenarios(folder))
  const trigram = best(tuned, range(0.1, 0.5, 20), [0.04, 0.06, 0.08, 0.1], (admit, repeat) => gate(trigrams, trigramConfig(admit, repeat)))
  const words = best(tuned, range(0.01, 0.2, 19), range(0.3, 0.8, 10), wordOverlap)
  const { kernelId, encode, config } = lexicalEncoder
  const ours = `drift up to ${config.guardedThreshold}, repetition below ${config.redundancyThreshold}`
  return [
    { name: 'admitting everything', chosen: '', score: score(admitEverything, untouched) },
    {
      name: 'hashed trigrams, as stock',
      chosen: 'drift up to 0.5, repetition below 0.1',
      score: score(gate(trigrams, trigramConfig(0.5, 0.1)), untouched),
    },
    { name: 'hashed trigrams, tuned', chosen: drifts(trigram), score: score(trigram.judge, untouched) },
    { name: 'plain word overlap, tuned', chosen: overlaps(words), score: score(words.judge, untouched) },
    { name: `\`${kernelId}\``, chosen: ours, score: score(gate(encode, config), untouched) },
  ]
}

export function tableOf(compared: readonly Compared[]): string {
  const head = '| judge | thresholds | precision | recall | F1 | recall of repetitions |\n|---|---|---|---|---|---|'
  const rows = compared.map(({ name, chosen, score: s }) => {
    const figures = [s.precision, s.recall, s.f1, s.redundancyRecall].map((value) => value.toFixed(3))
    return `| ${[name, chosen, ...figures].join(' | ')} |`
  })
  return [head, ...rows].join('\n')
}

/** What the last judge made of each label. */
export function outcomesOf(compared: readonly Compared[]): string {
  const { outcomes } = (compared.at(-1) ?? { score: score(admitEverything, []) }).score
  const rows = LABELS.map((label) => {
    const { admitted, redundant, rejected } = outcomes[label]
    return `| ${label} | ${admitted} | ${redundant} | ${rejected} |`
  })
  return ['| what arrived | admitted | redundant | rejected |\n|---|---|---|---|', ...rows].join('\n')
}

interface Best {
  readonly admit: number
  readonly repeat: number
  readonly judge: Judge
  readonly f1: number
}

function best(
  tuned: readonly Scenario[],
  admits: readonly number[],
  repeats: readonly number[],
  make: (admit: number, repeat: number) => Judge,
): Best {
  let found: Best | undefined
  for (const admit of admits) {
    for (const repeat of repeats) {
      const judge = make(admit, repeat)
      const { f1 } = score(judge, tuned)
      if (!found || f1 > found.f1) found = { admit, repeat, judge, f1 }
    }
  }
  return found ?? { admit: 0, repeat: 0, judge: admitEverything, f1: 0 }
}

const drifts = ({ admit, repeat }: Best) => `drift up to ${admit.toFixed(2)}, repetition below ${repeat.toFixed(2)}`
const overlaps = ({ admit, repeat }: Best) => `shared from ${admit.toFixed(2)}, repetition from ${repeat.toFixed(2)}`

/** The page with the figures of today in the places of those that it has. */
export function withFigures(page: string, compared: readonly Compared[]): string {
  const put = (text: string, mark: string, table: string) =>
    text.replace(new RegExp(`(<!-- ${mark} -->\n)[^]*?(\n<!-- end of ${mark} -->)`), (_all, open, close) => `${open}${table}${close}`)
  return put(put(page, 'judges', tableOf(compared)), 'outcomes', outcomesOf(compared))
}
