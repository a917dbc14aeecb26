/**
 * What is read of a prompt, and when: only of one that a person typed and that speaks of the mesh, and then the invite links,
 * relay addresses and kebab-case words in it, each as its SHA-256 hash, and whether it is a slash command of ours. The text
 * itself goes nowhere. The server needs it to tell a join that the user typed from one that a peer's words suggest.
 */
import { createHash } from 'node:crypto'

export interface PromptReport {
  readonly links: readonly string[]
  readonly words: readonly string[]
  readonly command?: 'join' | 'invite'
}

const MAX_LINKS = 16
/** A longer one is refused anyway, and some patterns take long on it. */
const MAX_LINK = 2_048
const MAX_WORDS = 512
const LINK = /(?<![a-z0-9-])(?:sym:\/\/|wss?:\/\/|[a-z][a-z0-9-]{1,31}:\/\/room\/)[\x21-\x7e]+/gi
const WORD = /(?<![a-z0-9-])[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9-])/gi
const COMMAND = /^\s*\/(?:sym-mesh-channel:)?mesh-(join|invite)(?:\s|$)/
/** What stands around our quotations: a prompt that holds one carries words of a peer. */
const BOUNDARY = /\[(?:begin|end) [0-9a-f]{16}\]/

/** Of a prompt that speaks of the mesh, as `peek.ts` saw. Undefined: nobody typed it. */
export function reportOf(prompt: unknown): PromptReport | undefined {
  if (!isTyped(prompt)) return undefined
  const command = COMMAND.exec(prompt)?.[1]
  const report = { links: hashes(linksIn(prompt), MAX_LINKS), words: hashes(wordsIn(prompt), MAX_WORDS) }
  return command === 'join' || command === 'invite' ? { ...report, command } : report
}

/** A prompt that a join or an invite may follow. */
export function isWish(report: PromptReport | undefined): boolean {
  return report !== undefined && (report.command !== undefined || report.links.length > 0 || report.words.includes(JOIN))
}

/** Wakes by programs raise the event too (`<task-notification>`, `[SYSTEM …`). In doubt nobody typed it. */
export function isTyped(prompt: unknown): prompt is string {
  return typeof prompt === 'string' && prompt.trim() !== '' && !/^\s*(?:<|\[SYSTEM)/i.test(prompt) && !BOUNDARY.test(prompt)
}

const JOIN = hashOf('join')

/** A link at the end of a sentence or in brackets: as it stands, and without what follows it in prose. */
function linksIn(prompt: string): readonly string[] {
  const links = [...prompt.matchAll(LINK)].filter(([link]) => link.length <= MAX_LINK)
  return links.flatMap(([link]) => [link, link.replace(/[\])}>'"`.,;:!?]+$/, '')])
}

function wordsIn(prompt: string): readonly string[] {
  return [...prompt.replace(LINK, ' ').matchAll(WORD)].map(([word]) => word.toLowerCase())
}

function hashes(texts: readonly string[], most: number): readonly string[] {
  return [...new Set(texts)].slice(0, most).map(hashOf)
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
