/** Answers about memory as lines for a person at a terminal. */
import { oneLine } from '../base/text.ts'
import { formatItem } from './format.ts'
import type { CatchUpLines, ThreadLine, WhyLine } from './memory-views.ts'

const MOST_ANCHORS = 12
const time = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
const shortId = (id: string): string => `m${id.replace(/^asrt-/, '').slice(0, 16)}`
const figure = (value: number | undefined): string => (value === undefined ? '   - ' : value.toFixed(3))

export function formatThread(steps: readonly ThreadLine[]): string {
  return steps.map(formatStep).join('\n')
}

function formatStep({ item, replyTo, parents = [], tether }: ThreadLine): string {
  const others = parents.filter((id) => id !== replyTo)
  const from = [
    ...(replyTo === undefined ? [] : [`answers ${replyTo}`]),
    ...(others.length === 0 ? [] : [`descends from ${others.join(', ')}`]),
  ]
  if (from.length === 0) return formatItem(item)
  const { drift = null, tethered } = tether ?? {}
  const far = drift === null ? '' : `, drift ${drift.toFixed(2)}${tethered ? '' : ': another matter, by its words'}`
  return `${formatItem(item)}\n    ${from.join('; ')}${far}`
}

export function formatCatchUp({ group, asked, kept, known, refused }: CatchUpLines): string {
  const words: Readonly<Record<string, string>> = { items: 'answered', busy: 'was asked too often lately', none: 'did not answer' }
  const peers = asked.map(({ peer, answer }) => `  ${oneLine(peer, 64)}  ${words[answer] ?? answer}`)
  const more = [
    ...(known > 0 ? [`${known} known here already`] : []),
    ...(refused > 0 ? [`${refused} refused: not verified, or not for this group`] : []),
  ]
  const line = `Kept ${kept} earlier ${kept === 1 ? 'message' : 'messages'} of ${oneLine(group, 64)}${more.length === 0 ? '' : ` (${more.join(', ')})`}.`
  return [line, ...peers, ...(kept > 0 ? ['recall finds them; nothing of it is shown to Claude unasked.'] : [])].join('\n')
}

/** One line each; in full where one was asked for. */
export function formatWhy(views: readonly WhyLine[], isFull: boolean): string {
  if (views.length === 0) return 'Nothing was kept from Claude lately.'
  return views.map((view) => (isFull ? formatOne(view) : headOf(view))).join('\n')
}

function headOf({ id, from, group, receivedAt, outcome }: WhyLine): string {
  const where = group === '' ? '' : ` in group ${oneLine(group, 64)}`
  return `${time(receivedAt)}Z  ${id === '' ? '(no id)' : id}  from ${oneLine(from, 64)}${where}: ${oneLine(outcome, 300)}`
}

function formatOne(view: WhyLine): string {
  const { judgement } = view
  if (!judgement) return headOf(view)
  const signals = judgement.signals.map(({ name, detail }) => `  ${name.padEnd(12)} ${detail === '' ? 'no' : oneLine(detail, 200)}`)
  return [
    headOf(view),
    `Decided: ${judgement.decision}, speaks as ${judgement.loudness}`,
    ...signals,
    ...formatWords(judgement.words),
  ].join('\n')
}

function formatWords(words: NonNullable<WhyLine['judgement']>['words']): readonly string[] {
  if (!words) return []
  const fields = words.fields.map(
    ({ name, decision, drift, nearestDrift }) =>
      `  ${name.padEnd(12)} drift ${figure(drift)}  nearest ${figure(nearestDrift)}  ${decision}`,
  )
  const age = `${Math.round(words.ageSeconds / 60)} min old`
  return [
    `Words (${words.kernelId}): drift ${figure(words.totalDrift)} with its age (${age}), nearest at ${figure(words.maxNearestDrift)}`,
    ...fields,
    `Compared with ${words.anchors.slice(0, MOST_ANCHORS).map(shortId).join(', ') || 'nothing'}`,
  ]
}
