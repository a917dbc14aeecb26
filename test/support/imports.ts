/**
 * Reads what a source file imports. A small scanner instead of a parser: comments and the insides of strings are blanked
 * first, so that an example in a comment is no import, and what is left has few forms.
 */
export interface Import {
  readonly specifier: string
  readonly kind: 'static' | 'lazy' | 'type'
  /** The statement up to the specifier, on one line. */
  readonly statement: string
}

const STATIC = /^[ \t]*((?:import|export)\b(?:[^'"`;()]*?\bfrom)?)\s*(['"])(\d+)\2/gm
const LAZY = /\b(import|require)\s*\(\s*(['"`])(\d+)\2/g

export function importsOf(source: string): Import[] {
  const { code, strings } = blank(source)
  const statics = [...code.matchAll(STATIC)].map(([, head = '', , index]): Import => {
    const statement = head.replace(/\s+/g, ' ').trim()
    return { specifier: strings[Number(index)] ?? '', kind: /^(?:import|export) type\b/.test(statement) ? 'type' : 'static', statement }
  })
  const lazies = [...code.matchAll(LAZY)].map(([, head = '', , index]): Import => {
    return { specifier: strings[Number(index)] ?? '', kind: 'lazy', statement: `${head}()` }
  })
  return [...statics, ...lazies]
}

/** The code without comments, and with each string and regular expression reduced to its quotes around the number of its text. */
export function blank(source: string): { code: string; strings: string[] } {
  const strings: string[] = []
  const token =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|(?<=[=(,:[!&|?{};\n]\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g
  const code = source.replace(token, (text) => {
    const quote = text[0] ?? ''
    if (text.startsWith('/*') || text.startsWith('//')) return ' '
    const inner = quote === '/' ? text : text.slice(1, -1)
    strings.push(inner)
    const kept = quote === '`' ? expressionsOf(inner) : ''
    return `${quote}${strings.length - 1}${quote}${kept}`
  })
  return { code, strings }
}

/** What stands in `${…}` is code too: `${process.env.X}` must not hide in a template. */
function expressionsOf(template: string): string {
  return [...template.matchAll(/\$\{([^`}]*)\}/g)].map((match) => ` ${blank(match[1] ?? '').code}`).join(';')
}
