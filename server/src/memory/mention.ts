/**
 * Who is named in words to a group. The author's node says whom its person meant (`mentions` of the envelope), since a name
 * may be known to that person alone; without such a mark the words themselves are looked at. A peer can name whom it likes:
 * a mention makes a group message heard and counted, and nothing else.
 */
import { LIMITS } from '../base/limits.ts'
import type { Fingerprint } from '../identity/ids.ts'
import type { Cat7 } from '../mmp/cmb.ts'
import type { Envelope } from '../mmp/envelope.ts'
import { spokenText } from './interests.ts'

export interface Called {
  readonly fingerprint: Fingerprint
  /** What others may call this node. */
  readonly name: string
  /** What it may be addressed by as well: the tags that it carries. */
  readonly labels: readonly string[]
}

export interface Spoken {
  readonly fields: Cat7
  readonly tags: readonly string[]
  readonly envelope: Envelope | undefined
}

/** How this node is meant, in a clause of ours; undefined: it is not. */
export function mentionOf({ fields, tags, envelope }: Spoken, { fingerprint, name, labels }: Called): string | undefined {
  const label = labels.find((own) => tags.includes(`#${own}`))
  if (label !== undefined) return label === 'self' ? 'sent as a copy to this session' : `said to those who carry #${label}`
  const isMeant = envelope?.mentions?.includes(fingerprint) ?? false
  return isMeant || isNamed(name, spokenText(fields)) ? `names ${name}` : undefined
}

/** `@name`, `@"name of several words"`, `@1a2b3c4d`; not the sign inside of an address. Each once, in the order of the text. */
const WORD = /(?<![\p{L}\p{N}_.@/-])@(?:"([^"\n]{1,64})"|([\p{L}\p{N}][\p{L}\p{N}._-]*))/gu

/** The words behind an `@`, longest reading first: `@web.` may be a name with a dot, or the end of a sentence. */
export function wordsBehindAt(fields: Cat7): ReadonlyArray<readonly string[]> {
  const found = [...spokenText(fields).matchAll(WORD)].map(([, quoted, word = '']) => quoted ?? word)
  return [...new Set(found)].slice(0, LIMITS.envelope.mentions).map((word) => [...new Set([word, word.replace(/[._-]+$/, '')])])
}

/** `@name` anywhere, or a name that is no ordinary word as a word of its own. */
function isNamed(name: string, text: string): boolean {
  const place = text.toLowerCase()
  const wanted = name.toLowerCase()
  const needsMark = wanted.length < 6 || /^\p{L}+$/u.test(wanted)
  for (let at = place.indexOf(wanted); at >= 0; at = place.indexOf(wanted, at + 1)) {
    const [before, after] = [place[at - 1] ?? ' ', place[at + wanted.length] ?? ' ']
    const isWhole = !/[\p{L}\p{N}_-]/u.test(after) && !/[\p{L}\p{N}_-]/u.test(before)
    // The sign inside of a mail address marks nobody.
    const isMarked = before === '@' && !/[\p{L}\p{N}_.-]/u.test(place[at - 2] ?? ' ')
    if (isWhole && (isMarked || (!needsMark && before !== '@'))) return true
  }
  return false
}
