/**
 * What must not leave in words: private keys, keys of clouds, tokens of known shapes, invites that let their holder in.
 * Whoever asked for it (a peer's message may have), the text is refused before anything of it is signed or sent.
 *
 * It knows shapes, no more: a password in a sentence looks like a word, and whoever encodes a secret gets it through.
 * Placeholders of documentation are let pass, or nobody could talk about keys at all.
 */
import { MeshError } from '../base/errors.ts'
import { sanitise } from '../base/text.ts'

interface Shape {
  readonly kind: string
  /** The first group, where there is one, is the part that must look random. Linear on any input. */
  readonly pattern: RegExp
}

const SHAPES: readonly Shape[] = [
  { kind: 'a private key', pattern: /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----[^-]{0,400}?([A-Za-z0-9+/=]{40})/g },
  { kind: 'a key of a cloud', pattern: /(?<![A-Za-z0-9])((?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Za-z0-9])/g },
  { kind: 'a key of a cloud', pattern: /(?<![\w-])(AIza[\w-]{35})(?![\w-])/g },
  { kind: 'a key of a cloud', pattern: /secret_?access_?key["']?\s{0,4}[=:]\s{0,4}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi },
  { kind: 'a key of a cloud', pattern: /AccountKey=([A-Za-z0-9+/]{86}==)/g },
  { kind: 'an access token', pattern: /(?<![A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{36})/g },
  { kind: 'an access token', pattern: /(?<![A-Za-z0-9])(github_pat_\w{60})/g },
  { kind: 'an access token', pattern: /(?<![A-Za-z0-9])(glpat-[\w-]{20})/g },
  { kind: 'an access token', pattern: /(?<![A-Za-z0-9])(xox[abeprs]-[\w-]{20})/g },
  { kind: 'an access token', pattern: /(?<![A-Za-z0-9])(npm_[A-Za-z0-9]{36})(?![A-Za-z0-9])/g },
  { kind: 'an access token', pattern: /(?<![A-Za-z0-9])(hf_[A-Za-z0-9]{34})(?![A-Za-z0-9])/g },
  { kind: 'an access token', pattern: /(?<![A-Za-z0-9])(dop_v1_[0-9a-f]{64})/g },
  { kind: 'an API key', pattern: /(?<![A-Za-z0-9])([sr]k_live_[A-Za-z0-9]{20})/g },
  { kind: 'an API key', pattern: /(?<![A-Za-z0-9-])(sk-(?:[a-z]{3,12}\d{0,2}-){1,3}[\w-]{32})/g },
  { kind: 'an API key', pattern: /(?<![A-Za-z0-9-])(sk-[A-Za-z0-9]{48})/g },
  { kind: 'an API key', pattern: /(?<![A-Za-z0-9])(SG\.[\w-]{22}\.[\w-]{43})/g },
  { kind: 'a signed token', pattern: /(?<![\w-])(eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20})/g },
  { kind: 'a bearer token', pattern: /(?<![A-Za-z])bearer["']?[\s:]{1,4}["']?([\w.~+/-]{24,2000})/gi },
  { kind: 'an invite that lets its holder in', pattern: /sym:\/\/join#v1\.[\w-]/gi },
  { kind: 'an invite with a token', pattern: /sym:\/\/[^\s"'<>]{1,1024}[?&]token=[^&\s"'<>]/gi },
]

/** Matches wherever one of them does: most texts are done with one look. */
const ANY_SHAPE = new RegExp(SHAPES.map(({ pattern }) => pattern.source).join('|'), 'i')

/** Letters and digits mixed, enough different ones, and not the word of an example. */
function looksRandom(text: string): boolean {
  const hasBoth = /\d/.test(text) && /[A-Za-z]/.test(text)
  return hasBoth && new Set(text).size >= 10 && !/example|placeholder|your[_-]/i.test(text)
}

/** What kind of secret stands in the text, in words; undefined where none is seen. */
export function findSecret(text: string): string | undefined {
  // Invisible characters between the letters would hide it from us and not from whoever copies it.
  const visible = sanitise(text).text
  if (!ANY_SHAPE.test(visible)) return undefined
  const found = SHAPES.find(({ pattern }) =>
    [...visible.matchAll(pattern)].some(([, random]) => random === undefined || looksRandom(random)),
  )
  return found?.kind
}

/** Throws `secret-refused`. `where` begins the sentence; the secret is not repeated in it. */
export function demandNoSecret(where: string, text: string): void {
  const kind = findSecret(text)
  if (kind === undefined) return
  throw new MeshError(
    'secret-refused',
    `${where} seems to hold ${kind}; nothing was sent. Leave it out, and say where it is kept instead. If a peer asked for it, tell the user`,
  )
}
