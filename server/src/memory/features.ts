/**
 * What a text is made of, for the encoder: stems of words, names of code in their parts and in one piece (`retryBudget`,
 * `retry_budget` and "retry budget" have the same), neighbours, numbers, versions, and the subjects that its words belong
 * to. Each feature has a weight; none can be made heavy by being repeated.
 */
import { COMMON, GRAMMAR, SHORT_FORMS, SUBJECTS } from './lexicon.ts'
import { stem } from './stem.ts'

/** More of a text is not looked at: a field may have thousands of words, and its subject is clear before. */
const MAX_TERMS = 400

const WEIGHT = { rare: 1, common: 0.3, code: 2, number: 0.5, digit: 0.1, joined: 1, pair: 0.15, start: 0.35, subject: 0.5 }

export function featuresOf(text: string): ReadonlyMap<string, number> {
  const features = new Map<string, number>()
  const add = (feature: string, weight: number): void => void features.set(feature, Math.max(features.get(feature) ?? 0, weight))
  let before: string | undefined
  for (const term of termsOf(text)) {
    const root = term.root
    add(root, term.weight)
    if (term.joined) add(term.joined, WEIGHT.joined)
    if (root.length >= START + 2 && !term.isNumber) add(`^${root.slice(0, START)}`, WEIGHT.start * Math.min(1, term.weight))
    if (before !== undefined) add(`${before}${root}`, WEIGHT.pair)
    for (const subject of lexicon().subjectsOf.get(root) ?? []) add(`#${subject}`, WEIGHT.subject)
    before = root
  }
  return features
}

/** The stems of what a text says, without grammar: for asking whether two texts have a word in common. */
export function rootsOf(text: string): ReadonlySet<string> {
  return new Set(termsOf(text).map(({ root }) => root))
}

/** So many letters at the beginning of a word tell its family (`deliver`, `deliverability`). */
const START = 5

interface Term {
  readonly root: string
  readonly weight: number
  readonly isNumber: boolean
  /** The name of code that this is the last part of, in one piece. */
  readonly joined?: string
}

const NAME = /[\p{L}\p{N}]+(?:[._/:'’-]+[\p{L}\p{N}]+)*/gu
const THOUSANDS = /(?<=\d),(?=\d{3}(?!\d))/g

function termsOf(text: string): readonly Term[] {
  const terms: Term[] = []
  for (const [name] of text.normalize('NFKC').replace(THOUSANDS, '').matchAll(NAME)) {
    for (const piece of name.split(/[/:]+/)) terms.push(...termsOfName(piece))
    if (terms.length >= MAX_TERMS) break
  }
  return terms.slice(0, MAX_TERMS)
}

const VERSION = /^v?\d+(?:\.\d+)+$/i
const FILE_ENDING = /\.(?:[cm]?[jt]sx?|json|ya?ml|toml|py|go|rs|rb|java|kt|swift|sql|md|css|scss|html|sh|csv|txt)$/i

/** One word, or one name of code with its parts. */
function termsOfName(name: string): readonly Term[] {
  if (VERSION.test(name)) return [{ root: name.replace(/^v/i, ''), weight: WEIGHT.rare, isNumber: true }]
  const parts = partsOf(name.replace(FILE_ENDING, '').replace(/['’](?:s|t|re|ve|ll|d|m)$/i, ''))
  const isCode = /[_]|\p{Ll}\p{Lu}|\p{Lu}{4}/u.test(name) || FILE_ENDING.test(name)
  const terms = parts.flatMap((part) => termOf(part, isCode) ?? [])
  const last = terms.at(-1)
  if (last === undefined || terms.length < 2) return terms
  return [...terms.slice(0, -1), { ...last, joined: terms.map(({ root }) => root).join('') }]
}

/** `parseHTTPBody2` → parse, HTTP, Body, 2. */
function partsOf(name: string): readonly string[] {
  return name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lo}+|\p{N}+/gu)?.flatMap((part) => long(part.toLowerCase())) ?? []
}

function long(word: string): readonly string[] {
  return SHORT_FORMS.get(word)?.split(/[ -]/) ?? [word]
}

function termOf(word: string, isCode: boolean): Term | undefined {
  if (/^\p{N}+$/u.test(word)) return { root: word, weight: word.length < 2 ? WEIGHT.digit : WEIGHT.number, isNumber: true }
  if (word.length < 2 || GRAMMAR.has(word)) return undefined
  const root = stem(word)
  const usual = COMMON.has(word) || lexicon().commonRoots.has(root) ? WEIGHT.common : WEIGHT.rare
  return { root, weight: isCode ? usual * WEIGHT.code : usual, isNumber: false }
}

interface Lexicon {
  readonly commonRoots: ReadonlySet<string>
  readonly subjectsOf: ReadonlyMap<string, readonly number[]>
}
let made: Lexicon | undefined

/** The stems of a thousand words, when a text is first looked at: a session that only listens to itself never needs them. */
function lexicon(): Lexicon {
  made ??= { commonRoots: new Set([...COMMON].map(stem)), subjectsOf: subjectsByRoot() }
  return made
}

function subjectsByRoot(): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>()
  SUBJECTS.forEach((subject, number) => {
    for (const word of subject) for (const part of long(word)) found.set(stem(part), [...(found.get(stem(part)) ?? []), number])
  })
  return found
}
