/**
 * Settings of a relay. First found wins: flag, environment, configuration file, default; an empty string counts as absent.
 * All faults are told at once. There is no default token, and none can be given as an argument, where every user of the
 * machine could read it.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { MeshError, messageOf } from '../base/errors.ts'
import type { RelayFlags } from '../cli/relay-command.ts'
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from '../relay/limits.ts'
import type { RelayOptions } from '../relay/server.ts'
import { type Environment, rootFolder } from './settings.ts'

export interface RelaySettings extends RelayOptions {
  readonly state: string
}

const MIN_TOKEN_CHARACTERS = 16
const DEFAULT_LISTEN = '127.0.0.1:7343'
const positive = z.number().positive().finite()
const limitNames = Object.keys(DEFAULT_RELAY_LIMITS)
const relayFile = z.strictObject({
  listen: z.string().optional(),
  state: z.string().optional(),
  tokens: z.array(z.string()).optional(),
  tokensFile: z.string().optional(),
  open: z.boolean().optional(),
  cert: z.string().optional(),
  key: z.string().optional(),
  metrics: z.string().optional(),
  proxies: z.array(z.string()).optional(),
  limits: z.strictObject(Object.fromEntries(limitNames.map((name) => [name, positive.optional()]))).optional(),
})
type RelayFile = z.infer<typeof relayFile>
type Fault = (text: string) => undefined

export function readRelaySettings(flags: RelayFlags, env: Environment): RelaySettings {
  const faults: string[] = []
  const fault: Fault = (text) => void faults.push(text)
  const variable = (name: string): string | undefined => present(env[name])
  const file = readFile(flags.config ?? variable('SYM_RELAY_CONFIG'), fault)
  const cert = flags.cert ?? variable('SYM_RELAY_CERT') ?? file.cert
  const key = flags.key ?? variable('SYM_RELAY_KEY') ?? file.key
  if ((cert === undefined) !== (key === undefined)) fault('a certificate needs its key, and a key its certificate: give --cert and --key')
  const tokensFile = flags.tokensFile ?? variable('SYM_RELAY_TOKENS_FILE') ?? file.tokensFile
  const tokens = readTokens(variable('SYM_RELAY_TOKENS'), tokensFile, file, fault)
  const isOpen = flags.open ?? (variable('SYM_RELAY_OPEN') === undefined ? file.open === true : true)
  const at = parseListen(flags.listen ?? variable('SYM_RELAY_LISTEN') ?? file.listen ?? DEFAULT_LISTEN, 'the address to listen on', fault)
  if (tokens.length === 0 && !isOpen && !isLoopbackHost(at.host)) fault(noToken(at.host))
  const settings: RelaySettings = {
    ...at,
    tokens,
    tls: cert !== undefined && key !== undefined ? { certFile: cert, keyFile: key } : undefined,
    metrics: readMetrics(flags.metrics ?? variable('SYM_RELAY_METRICS') ?? file.metrics, fault),
    proxies: flags.trustProxy ?? listOf(variable('SYM_RELAY_PROXIES')) ?? file.proxies ?? [],
    limits: readLimits(file, [...(listOf(variable('SYM_RELAY_LIMITS')) ?? []), ...(flags.limit ?? [])], fault),
    state: path.resolve(flags.state ?? variable('SYM_RELAY_STATE') ?? file.state ?? path.join(rootFolder(env).value, 'relay')),
  }
  if (faults.length > 0)
    throw new MeshError('settings-invalid', `The relay cannot start with these settings:\n${faults.map((line) => `  ${line}`).join('\n')}`)
  return settings
}

function present(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? undefined : trimmed
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function readFile(file: string | undefined, fault: Fault): RelayFile {
  if (file === undefined) return {}
  try {
    const parsed = relayFile.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    if (parsed.success) return parsed.data
    // The values are left out: one of them may be a token.
    fault(`${file}: ${parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`).join('; ')}`)
  } catch (thrown) {
    fault(`${file} cannot be read: ${messageOf(thrown)}`)
  }
  return {}
}

function readTokens(given: string | undefined, tokensFile: string | undefined, file: RelayFile, fault: Fault): readonly string[] {
  const tokens = [...(listOf(given) ?? []), ...(tokensFile === undefined ? [] : tokensIn(tokensFile, fault)), ...(file.tokens ?? [])]
  const short = tokens.filter((token) => token.length < MIN_TOKEN_CHARACTERS).length
  if (short > 0) fault(`${short} of the tokens is shorter than ${MIN_TOKEN_CHARACTERS} characters; make one with: openssl rand -hex 24`)
  return [...new Set(tokens)]
}

/** One token per line; an empty line and one that begins with # are none. */
function tokensIn(file: string, fault: Fault): readonly string[] {
  try {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim())
    const tokens = lines.filter((line) => line !== '' && !line.startsWith('#'))
    if (tokens.length === 0) fault(`${file} holds no token; write one per line`)
    return tokens
  } catch (thrown) {
    fault(`${file} cannot be read: ${messageOf(thrown)}`)
    return []
  }
}

function noToken(host: string): string {
  return `${host} can be reached by others, and there is no token: anybody could use this relay. Name a file with one token per line (--tokens-file), or say --open if that is what you want`
}

function parseListen(text: string, what: string, fault: Fault): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-f:.%a-z]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65_535) {
    fault(`${what}: ${JSON.stringify(text.slice(0, 80))} is no address. It looks like 0.0.0.0:7343 or [::]:7343`)
    return { host: '127.0.0.1', port: 0 }
  }
  return { host: match[1] ?? match[2] ?? '', port }
}

function readMetrics(text: string | undefined, fault: Fault): RelaySettings['metrics'] {
  if (text === undefined) return undefined
  const at = parseListen(text, 'the address of the metrics', fault)
  if (!isLoopbackHost(at.host)) fault(`the metrics are served on a loopback address alone; ${at.host} is none. Use 127.0.0.1:7344`)
  return at
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function readLimits(file: RelayFile, given: readonly string[], fault: Fault): RelayLimits {
  const limits: Record<string, number> = {}
  for (const [name, value] of Object.entries(file.limits ?? {})) if (value !== undefined) limits[name] = value
  for (const text of given) {
    const [name = '', value] = text.split('=')
    const number = positive.safeParse(Number(value))
    if (limitNames.includes(name) && number.success) limits[name] = number.data
    else fault(`${JSON.stringify(text.slice(0, 80))} is no limit. It looks like perGroup=512; the names are in docs/LIMITS.md under relay`)
  }
  return { ...DEFAULT_RELAY_LIMITS, ...limits }
}
