/**
 * JSON from strangers. One pass over the bytes measures nesting, members and strings before `JSON.parse` sees them, so
 * that no input costs more than its length. Texts are well-formed Unicode, because MMP signs texts: a lone surrogate
 * would be signed as U+FFFD and so stand for another text.
 *
 * Invariant: what leaves here as `ok` is within LIMITS.json and holds no key that could reach a prototype.
 */
import { fromUtf8, utf8 } from '../base/bytes.ts'
import { LIMITS } from '../base/limits.ts'

export type JsonObject = { readonly [name: string]: unknown }
export type TypedObject = JsonObject & { readonly type: string }

export type JsonRule =
  | 'bad-utf8'
  | 'too-deep'
  | 'too-many-keys'
  | 'string-too-long'
  | 'bad-json'
  | 'lone-surrogate'
  | 'not-an-object'
  | 'no-type'

type Decoded<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'rejected'; readonly rule: JsonRule }
export type DecodedJson = Decoded<TypedObject>

/** A frame: an object with a string `type`, or the rule that it broke. */
export function decodeJson(bytes: Uint8Array): DecodedJson {
  const decoded = decodeObject(bytes)
  if (decoded.kind === 'rejected') return decoded
  const { value } = decoded
  return isTyped(value) ? { kind: 'ok', value } : { kind: 'rejected', rule: 'no-type' }
}

/** Any object, under the same limits. */
export function decodeObject(bytes: Uint8Array): Decoded<JsonObject> {
  const scan = new Scan(bytes)
  const rule = scan.run()
  if (rule !== undefined) return { kind: 'rejected', rule }
  const text = fromUtf8(bytes)
  if (text === undefined) return { kind: 'rejected', rule: 'bad-utf8' }
  return parse(text, scan.isSuspect)
}

/**
 * Any object, and the bytes of its member `payload` as they came, where it is an object: valid JSON, so that it can be
 * passed on without being written anew. Undefined where a name or a text is spelled with escapes: then only the value is
 * known to be what it says.
 */
export function decodeEnvelope(bytes: Uint8Array): Decoded<JsonObject> & { readonly payload?: Uint8Array | undefined } {
  const scan = new Scan(bytes)
  const rule = scan.run()
  if (rule !== undefined) return { kind: 'rejected', rule }
  const text = fromUtf8(bytes)
  if (text === undefined) return { kind: 'rejected', rule: 'bad-utf8' }
  const decoded = parse(text, scan.isSuspect)
  return decoded.kind === 'ok' && !scan.isSuspect ? { kind: 'ok', value: decoded.value, payload: scan.payload } : decoded
}

/** Minified, members in the order given. Throws on a cycle or a bigint, which only our own code could pass. */
export function encodeJson(value: JsonObject): Uint8Array {
  return utf8(JSON.stringify(value))
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(text: string, isSuspect: boolean): Decoded<JsonObject> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The only failure of JSON.parse is malformed input, which is an answer here.
    return { kind: 'rejected', rule: 'bad-json' }
  }
  if (isSuspect && !clean(value)) return { kind: 'rejected', rule: 'lone-surrogate' }
  return isObject(value) ? { kind: 'ok', value } : { kind: 'rejected', rule: 'not-an-object' }
}

function isTyped(value: JsonObject): value is TypedObject {
  return typeof value['type'] === 'string'
}

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
const LONE_SURROGATE = /\p{Surrogate}/u

/** Drops the forbidden keys of a value that nobody else has seen yet; false when a text in it is not well-formed. */
function clean(value: unknown): boolean {
  if (typeof value === 'string') return !LONE_SURROGATE.test(value)
  if (Array.isArray(value)) return value.every(clean)
  if (!isObject(value)) return true
  for (const name of Object.keys(value)) {
    if (FORBIDDEN_KEYS.has(name)) Reflect.deleteProperty(value, name)
    else if (LONE_SURROGATE.test(name) || !clean(value[name])) return false
  }
  return true
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Members that may be longer than other strings: data beside the fields, stock's sealed fields, our sealed frame. */
const LONG_MEMBERS: ReadonlyMap<string, number> = new Map([
  ['payload', LIMITS.json.payloadStringBytes],
  ['applicationData', LIMITS.json.payloadStringBytes],
  ['categories', LIMITS.json.payloadStringBytes],
  ['sealed', LIMITS.frame.maxBytes],
])

const NOTED_LENGTHS: ReadonlySet<number> = new Set([...LONG_MEMBERS.keys(), ...FORBIDDEN_KEYS].map(({ length }) => length))
/** Most strings end sooner than a search for their end would begin. */
const NEAR_BYTES = 24

/**
 * The pass over the bytes. It does not check grammar (JSON.parse does); it only has to see every bracket, colon and
 * string that a valid text would have. Sizes are those of the wire: an escape counts as it is written.
 */
class Scan {
  readonly #bytes: Buffer
  #depth = 0
  /** Members and containers: a million empty arrays are as heavy as a million members. */
  #members = 0
  /** The last string: from where and to where. */
  #from = 0
  #end = 0
  #isSuspect = false
  /** The member whose value comes next, or '' inside an array and before a key. */
  #member = ''
  /** The depth at which `payload` opened: everything inside shares its larger limit. 0 when outside. */
  #payloadDepth = 0
  /** The last `payload` of the outermost object: from where and to where. */
  #payloadFrom = 0
  #payloadEnd = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  /** Only then there can be a forbidden key or a lone surrogate: both can also be spelled with \u. */
  get isSuspect(): boolean {
    return this.#isSuspect
  }

  get payload(): Uint8Array | undefined {
    return this.#payloadEnd > 0 ? this.#bytes.subarray(this.#payloadFrom, this.#payloadEnd) : undefined
  }

  run(): JsonRule | undefined {
    const bytes = this.#bytes
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0
      if (byte === QUOTE) {
        const end = this.#endOfString(at + 1)
        if (end - at - 1 > this.#stringLimit()) return 'string-too-long'
        this.#from = at + 1
        this.#end = end
        at = end
      } else {
        const rule = this.#structure(byte, at)
        if (rule !== undefined) return rule
      }
    }
    return undefined
  }

  #structure(byte: number, at: number): JsonRule | undefined {
    switch (byte) {
      case COLON:
        this.#member = this.#nameOfMember()
        return this.#count()
      case COMMA:
        this.#member = ''
        return undefined
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        return this.#open(at)
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        return this.#close(at)
      default:
        return undefined
    }
  }

  #open(at: number): JsonRule | undefined {
    this.#depth++
    if (this.#depth === 2 && this.#member === 'payload') {
      this.#payloadFrom = at
      this.#payloadEnd = 0
    }
    if (this.#depth > LIMITS.json.depth) return 'too-deep'
    if (this.#member === 'payload' && this.#payloadDepth === 0) this.#payloadDepth = this.#depth
    this.#member = ''
    return this.#count()
  }

  #close(at: number): undefined {
    if (this.#depth === 2 && this.#payloadFrom > 0 && this.#payloadEnd === 0) this.#payloadEnd = at + 1
    if (this.#depth === this.#payloadDepth) this.#payloadDepth = 0
    this.#depth--
    this.#member = ''
  }

  #count(): JsonRule | undefined {
    this.#members++
    return this.#members > LIMITS.json.keys ? 'too-many-keys' : undefined
  }

  #endOfString(from: number): number {
    const bytes = this.#bytes
    const near = Math.min(from + NEAR_BYTES, bytes.length)
    let at = from
    while (at < near && bytes[at] !== QUOTE && bytes[at] !== BACKSLASH) at++
    return at < near && bytes[at] === QUOTE ? at : this.#endOfLongString(at)
  }

  /** Without an escape the next quote is the end, and a search finds it faster than a look at each byte. */
  #endOfLongString(from: number): number {
    const bytes = this.#bytes
    const quote = bytes.indexOf(QUOTE, from)
    const end = quote < 0 ? bytes.length : quote
    return bytes.subarray(from, end).includes(BACKSLASH) ? this.#endOfEscapedString(from) : end
  }

  #endOfEscapedString(from: number): number {
    const bytes = this.#bytes
    this.#isSuspect = true
    let at = from
    while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
    return Math.min(at, bytes.length)
  }

  #stringLimit(): number {
    const own = LONG_MEMBERS.get(this.#member) ?? LIMITS.json.stringBytes
    // Through a relay our sealed frame is itself the payload of an envelope.
    return this.#payloadDepth > 0 ? Math.max(own, LIMITS.json.payloadStringBytes) : own
  }

  /** The name before a colon, where it is one that matters; '' for all others. */
  #nameOfMember(): string {
    const name = NOTED_LENGTHS.has(this.#end - this.#from) ? this.#bytes.toString('latin1', this.#from, this.#end) : ''
    if (FORBIDDEN_KEYS.has(name)) this.#isSuspect = true
    return name
  }
}
