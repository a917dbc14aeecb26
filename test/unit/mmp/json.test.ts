import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../server/src/base/bytes.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { decodeEnvelope, decodeJson, decodeObject, encodeJson, type JsonRule } from '../../../server/src/mmp/json.ts'
import { cpuMs } from '../../support/cpu.ts'

const ruleOf = (text: string | Uint8Array): JsonRule | 'ok' => {
  const decoded = decodeJson(typeof text === 'string' ? utf8(text) : text)
  return decoded.kind === 'ok' ? 'ok' : decoded.rule
}
const decoded = (text: string) => {
  const result = decodeJson(utf8(text))
  return result.kind === 'ok' ? result.value : undefined
}
const decodedObject = (text: string) => {
  const result = decodeObject(utf8(text))
  return result.kind === 'ok' && result.value
}
const nested = (depth: number) => `{"type":"x","a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`

describe('a string with escapes', () => {
  const long = 'x'.repeat(100)
  const cases = [
    `\\"`,
    `\\\\`,
    `${long}\\"${long}`,
    `${long}\\\\`,
    `\\n${long}\\\\\\"`,
    `${long.slice(0, 23)}\\"`,
    `${long.slice(0, 24)}\\"`,
  ]
  it.each(cases)('ends where it ends: %s', (text) => {
    const json = `{"type":"a","text":"${text}","tail":{"deep":["${text}"]}}`
    expect(decodeJson(utf8(json))).toEqual({ kind: 'ok', value: JSON.parse(json) })
  })

  it('costs no more than its length, however many there are', () => {
    const json = `{"type":"a","payload":{"x":"${`${long}\\"`.repeat(4_000)}"}}`
    expect(cpuMs(() => expect(decodeJson(utf8(json)).kind).toBe('ok'))).toBeLessThan(500)
  })

  it('hides no name that must not be', () => {
    for (const name of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'c\\u006fnstructor'])
      for (const before of ['', `"text":"${long}",`]) {
        const decoded = decodeJson(utf8(`{"type":"a",${before}"in":{"${name}" : 1}}`))
        expect(decoded.kind === 'ok' && decoded.value['in'], name).toEqual({})
      }
  })
})

describe('decodeJson', () => {
  it('reads an object with a type', () => {
    expect(decoded('{"type":"ping","n":[1,"\\u00e9",{"a":null}]}')).toEqual({ type: 'ping', n: [1, 'é', { a: null }] })
  })

  it.each([
    ['null', 'not-an-object'],
    ['[]', 'not-an-object'],
    ['"type"', 'not-an-object'],
    ['1', 'not-an-object'],
    ['{}', 'no-type'],
    ['{"type":1}', 'no-type'],
    ['{"type":null}', 'no-type'],
    ['', 'bad-json'],
    ['{', 'bad-json'],
    ['{"type":"x"}}', 'bad-json'],
    ['{"type":"x"} {"type":"y"}', 'bad-json'],
    ['{"type":"x","a":NaN}', 'bad-json'],
    ['{"type":"x', 'bad-json'],
    ['{"type":"x\\', 'bad-json'],
    ['\ufeff{"type":"x"}', 'bad-json'],
  ] as const)('answers %s with %s [A2]', (text, rule) => {
    expect(ruleOf(text)).toBe(rule)
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(ruleOf(Uint8Array.of(0x7b, 0xff, 0x7d))).toBe('bad-utf8')
    const overlong = Uint8Array.of(...utf8('{"type":"'), 0xc0, 0xaf, ...utf8('"}'))
    expect(ruleOf(overlong)).toBe('bad-utf8')
  })

  it('accepts the deepest nesting and refuses one more, before it is parsed', () => {
    expect(ruleOf(nested(LIMITS.json.depth))).toBe('ok')
    expect(ruleOf(nested(LIMITS.json.depth + 1))).toBe('too-deep')
    expect(ruleOf('['.repeat(400_000))).toBe('too-deep')
  })

  it('does not count brackets inside strings', () => {
    expect(ruleOf(`{"type":"${'[{'.repeat(100)}","a":"\\"[["}`)).toBe('ok')
  })

  it('accepts the most members and refuses one more', () => {
    const members = (count: number) => `{"type":"x",${Array.from({ length: count }, (_, n) => `"k${n}":0`).join()}}`
    expect(ruleOf(members(LIMITS.json.keys - 2))).toBe('ok')
    expect(ruleOf(members(LIMITS.json.keys - 1))).toBe('too-many-keys')
  })

  it('counts containers as members', () => {
    expect(ruleOf(`{"type":"x","a":[${'[],'.repeat(LIMITS.json.keys)}0]}`)).toBe('too-many-keys')
  })

  it.each([
    ['text', LIMITS.json.stringBytes],
    ['payload', LIMITS.json.payloadStringBytes],
    ['applicationData', LIMITS.json.payloadStringBytes],
  ])('accepts the longest %s and refuses one byte more', (member, bytes) => {
    const withString = (length: number) => `{"type":"x","${member}":"${'a'.repeat(length)}"}`
    expect(ruleOf(withString(bytes))).toBe('ok')
    expect(ruleOf(withString(bytes + 1))).toBe('string-too-long')
  })

  it('gives the larger limit to what is inside a payload, and only there', () => {
    const long = `"${'a'.repeat(LIMITS.json.stringBytes + 1)}"`
    expect(ruleOf(`{"type":"x","payload":{"a":[${long}],"b":${long}}}`)).toBe('ok')
    expect(ruleOf(`{"type":"x","payload":{"a":1},"b":${long}}`)).toBe('string-too-long')
    expect(ruleOf(`{"type":"x","payload":[],"b":${long}}`)).toBe('string-too-long')
    expect(ruleOf(`{"type":"x","a":["payload",${long}]}`)).toBe('string-too-long')
  })

  it('lets a sealed frame fill its frame', () => {
    expect(ruleOf(`{"type":"x","sealed":"${'a'.repeat(1_048_000)}"}`)).toBe('ok')
  })

  it.each(['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'c\\u006fnstructor'])('drops the member %s at any depth', (name) => {
    const value = decoded(`{"type":"x","${name}":{"isAdmin":true},"a":[{"b":1,"${name}":2}]}`)
    expect(value && Object.keys(value)).toEqual(['type', 'a'])
    expect(value?.['isAdmin']).toBeUndefined()
    expect(value?.['a']).toEqual([{ b: 1 }])
  })

  it('keeps these words as values', () => {
    expect(decoded('{"type":"constructor","a":"__proto__"}')).toEqual({ type: 'constructor', a: '__proto__' })
  })

  it('refuses half of a surrogate pair, in a value and in a key, and accepts the whole pair', () => {
    expect(ruleOf('{"type":"x","a":["\\ud83d"]}')).toBe('lone-surrogate')
    expect(ruleOf('{"type":"x","\\udc00":1}')).toBe('lone-surrogate')
    expect(decoded('{"type":"x","a":"\\ud83d\\ude00"}')).toEqual({ type: 'x', a: '😀' })
  })

  it.each([
    ['digits', `{"type":"x","a":${'1'.repeat(1_000_000)}}`],
    ['commas', `{"type":"x","a":[${'0,'.repeat(500_000)}0]}`],
    ['backslashes', `{"type":"x","sealed":"${'\\\\'.repeat(500_000)}"}`],
    ['quotes', `{"type":"x","a":[${'"",'.repeat(300_000)}""]}`],
    ['escapes', `{"type":"x","a":[${'"\\u0041",'.repeat(100_000)}0]}`],
  ])('reads a mebibyte of %s in time that does not stall others', (_, text) => {
    const bytes = utf8(text)
    decodeJson(bytes)
    // The promise is 50 ms; a slow machine gets some slack, a quadratic reader would need minutes.
    expect(cpuMs(() => decodeJson(bytes))).toBeLessThan(500)
  })
})

describe('decodeObject', () => {
  it('needs no type', () => {
    expect(decodeObject(utf8('{"categories":{}}'))).toEqual({ kind: 'ok', value: { categories: {} } })
    expect(decodeObject(utf8('[]'))).toEqual({ kind: 'rejected', rule: 'not-an-object' })
  })
})

describe('decodeEnvelope', () => {
  const rawOf = (text: string): string | undefined => {
    const result = decodeEnvelope(utf8(text))
    return result.kind === 'ok' && result.payload ? Buffer.from(result.payload).toString() : undefined
  }
  /** Names as they are written, the one that counts among them. */
  const name = fc.constantFrom('"payload"', '"payload"', '"to"', '"a"', '"payloa"', '"p\\u0061yload"', '"__proto__"')
  const value = fc.oneof(
    fc.dictionary(fc.constantFrom('payload', 'x', 'y'), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 3 }),
    fc.jsonValue({ maxDepth: 2 }),
  )

  test.prop([fc.array(fc.tuple(name, value, fc.constantFrom('', ' ', '\n')), { maxLength: 5 })], { numRuns: 2_000 })(
    'gives the bytes of the payload that the value has, or none',
    (members) => {
      const text = `{${members.map(([key, one, space]) => `${space}${key}${space}:${space}${JSON.stringify(one, null, space)}${space}`).join()}}`
      const result = decodeEnvelope(utf8(text))
      expect({ kind: result.kind, value: result.kind === 'ok' && result.value }).toEqual({
        kind: decodeObject(utf8(text)).kind,
        value: decodedObject(text),
      })
      if (result.kind !== 'ok' || result.payload === undefined) return
      const { payload } = result.value
      // What is no object is nobody's payload, and is never passed on.
      if (typeof payload === 'object' && payload !== null) expect(JSON.parse(Buffer.from(result.payload).toString())).toEqual(payload)
    },
  )

  it('gives them as they came, the last of several, and none where a name is spelled with escapes', () => {
    expect(rawOf('{"to":"x","payload": { "a" : [1e2, {}] } ,"z":{}}')).toBe('{ "a" : [1e2, {}] }')
    expect(rawOf('{"payload":{"a":1},"payload":{"b":{"payload":2}}}')).toBe('{"b":{"payload":2}}')
    expect(rawOf('{"a":{"payload":{}}}')).toBeUndefined()
    expect(rawOf('{"payload":{"a":1},"p\\u0061yload":{"b":2}}')).toBeUndefined()
    expect(rawOf('{"payload":{"a":"\\n"}}')).toBeUndefined()
    expect(rawOf('{"payload":{"__proto__":{}}}')).toBeUndefined()
    expect(rawOf('{"payload":{"a":1}')).toBeUndefined()
  })
})

describe('encodeJson', () => {
  it('is minified, keeps the order of members and leaves out what is undefined', () => {
    expect(encodeJson({ type: 'x', b: [1, null], a: undefined, c: 'é' })).toEqual(utf8('{"type":"x","b":[1,null],"c":"é"}'))
  })
})
