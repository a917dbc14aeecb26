/**
 * Text that others wrote, made fit to be shown. `sanitise` removes what a reader cannot see or what drives a terminal;
 * `preview` takes the power from angle brackets; `escapeForJsonString` keeps every character and still closes nothing.
 * All of them are pure and total: any JavaScript string is a legal input, and `sanitise` is idempotent.
 */

/**
 * Terminal sequences as a whole (CSI, terminated OSC and other strings, two-byte forms), so that `[31m` does not stay
 * behind. No repetition can run over the start of another sequence, which keeps the search linear.
 */
const ESCAPE_SEQUENCE =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]+[0-~]|\x1b[0-OQ-WYZ\\a-~]/g

/**
 * Control characters except tab and newline, bidi controls, zero-width and invisible characters, tags and variation
 * selectors of plane 14, annotation marks, noncharacters, private use. Where the list of the threat model names parts of
 * a block of invisible characters, the whole block is here.
 */
const FORBIDDEN =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}\p{Noncharacter_Code_Point}\p{Co}]/gu

const LONE_SURROGATE = /\p{Surrogate}/gu
/** Line breaks that some readers honour and a split at `\n` does not see: they would start a line without our prefix. */
const OTHER_LINE_BREAK = /[\u2028\u2029]/g
/** More than three combining marks in a row climb over the neighbouring lines. */
const EXCESS_MARKS = /(?<=\p{M}{3})\p{M}+/gu
const ANGLE_BRACKETS = /[<>]/g

export interface Sanitised {
  readonly text: string
  /** Code points that were removed or replaced. */
  readonly stripped: number
}

/** Printable ASCII with tabs and line breaks: nothing below finds anything in it. */
const PLAIN = /^[\t\n\x20-\x7e]*$/

/** Well-formed, NFC, without characters that hide, reorder or control. */
export function sanitise(text: string): Sanitised {
  if (PLAIN.test(text)) return { text, stripped: 0 }
  let stripped = 0
  const swap = (from: string, pattern: RegExp, to: string) =>
    from.replace(pattern, (found) => {
      stripped += [...found].length
      return to
    })
  const wellFormed = swap(swap(text, LONE_SURROGATE, '\ufffd'), OTHER_LINE_BREAK, '\n')
  // Removal comes before NFC: an invisible character keeps apart what would compose, and a long run of marks is slow to order.
  const visible = [ESCAPE_SEQUENCE, FORBIDDEN, EXCESS_MARKS].reduce((rest, pattern) => swap(rest, pattern, ''), wellFormed)
  // One mark can become two by NFC (U+0344), hence the second limit.
  return { text: swap(visible.normalize('NFC'), EXCESS_MARKS, '').normalize('NFC'), stripped }
}

/** One sanitised line of at most `maxCharacters`, for headers and lists; what was cut shows as an ellipsis. */
export function oneLine(text: string, maxCharacters: number): string {
  return cut(sanitise(text).text.replace(/\s+/g, ' ').trim(), maxCharacters)
}

/** At most `maxCharacters` UTF-16 units, the last one an ellipsis when something is missing; no character is split. */
export function cut(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  if (maxCharacters < 1) return ''
  return `${prefix(text, maxCharacters - 1)}…`
}

/** The longest beginning of at most `maxCharacters` UTF-16 units that splits no surrogate pair. */
export function prefix(text: string, maxCharacters: number): string {
  const end = Math.max(0, maxCharacters)
  const splitsPair = isHighSurrogate(text, end - 1) && end < text.length
  return text.slice(0, splitsPair ? end - 1 : end)
}

/** Angle brackets as the look-alikes ‹ ›: readable, and no tag of any host. */
export function preview(text: string): string {
  return text.replace(ANGLE_BRACKETS, (bracket) => (bracket === '<' ? '‹' : '›'))
}

/**
 * A JSON string literal of exactly this text. Angle brackets and everything that `sanitise` would remove are `\u`
 * escapes: nothing is lost (`JSON.parse` gives the text back), nothing is hidden, and no tag can be closed.
 */
export function escapeForJsonString(text: string): string {
  return [ANGLE_BRACKETS, FORBIDDEN, OTHER_LINE_BREAK, EXCESS_MARKS].reduce(
    (rest, pattern) => rest.replace(pattern, unicodeEscapes),
    JSON.stringify(text),
  )
}

function unicodeEscapes(text: string): string {
  const unit = (at: number) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`
  return Array.from({ length: text.length }, (_, at) => unit(at)).join('')
}

function isHighSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit >= 0xd800 && unit <= 0xdbff
}
