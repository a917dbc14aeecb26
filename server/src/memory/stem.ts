/**
 * The stem of an English word, roughly: enough that "migrate", "migrating", "migrations" and "migrated" meet. It errs on
 * the side of leaving a word alone, because most words of engineers are names.
 */
export function stem(word: string): string {
  if (word.length < 4 || /\P{L}/u.test(word)) return word
  return ending(participle(plural(word)))
}

function plural(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2)
  return /[^su]s$/.test(word) && !word.endsWith('is') ? word.slice(0, -1) : word
}

function participle(word: string): string {
  const root = /^(.{2,}?)(?:ing|ed)$/.exec(word)?.[1]
  if (root === undefined || !/[aeiouy]/.test(root) || (root.length < 3 && word.endsWith('ed'))) return word
  return /([bdfgmnprt])\1$/.test(root) ? root.slice(0, -1) : root
}

function ending(word: string): string {
  const root = word
    .replace(/(?<=.{4})(?:ations?|ators?)$/, 'at')
    .replace(/(?<=.{3}[st])ion$/, '')
    .replace(/(?<=.{4})(?:ment|ness|ly)$/, '')
  const bare = /(?<=.{3})e$/.test(root) ? root.slice(0, -1) : root
  return bare.endsWith('y') ? `${bare.slice(0, -1)}i` : bare
}
