import { describe, expect, it } from 'vitest'
import { demandNoSecret, findSecret } from '../../../server/src/mmp/secrets.ts'
import { cpuMs } from '../../support/cpu.ts'

/** Put together here, so that no file holds a text that looks like a key. */
const word = (length: number): string => Array.from({ length }, (_, at) => 'aB3dE5gH7jK9mN2pQ4rS6tU8'[at % 24]).join('')
const capitals = (length: number): string => 'QRS7TUV2WXY3ABC4'.slice(0, length)
const pem = (kind: string) => `-----BEGIN ${kind}-----\n${word(64)}\n${word(64)}\n-----END ${kind}-----`

const SECRETS: readonly (readonly [string, string, string])[] = [
  ['a private key', 'a private key', pem('PRIVATE KEY')],
  ['an RSA private key', 'a private key', pem('RSA PRIVATE KEY')],
  ['an OpenSSH private key', 'a private key', pem('OPENSSH PRIVATE KEY')],
  ['an armoured private key', 'a private key', `-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n${word(64)}`],
  ['a private key inside JSON', 'a private key', JSON.stringify({ private_key: pem('PRIVATE KEY') })],
  ['the id of a cloud key', 'a key of a cloud', `AKIA${capitals(16)}`],
  ['a cloud key of a session', 'a key of a cloud', `id=ASIA${capitals(16)};`],
  ['a cloud API key', 'a key of a cloud', `key: AIza${word(35)}`],
  ['the secret half of a cloud key', 'a key of a cloud', `aws_secret_access_key = "${word(40)}"`],
  ['the key of a storage account', 'a key of a cloud', `AccountName=x;AccountKey=${word(86)}==;`],
  ['a token of a code host', 'an access token', `ghp_${word(36)}`],
  ['a fine-grained token of a code host', 'an access token', `github_pat_${word(60)}`],
  ['a token of another code host', 'an access token', `glpat-${word(20)}`],
  ['a token of a chat', 'an access token', `xoxb-${word(24)}`],
  ['a token of a package host', 'an access token', `//host/:_authToken=npm_${word(36)}`],
  ['a live payment key', 'an API key', `sk_live_${word(24)}`],
  ['an API key', 'an API key', `sk-proj-${word(40)}`],
  ['an API key with several parts', 'an API key', `sk-abc-api03-${word(40)}`],
  ['an API key without parts', 'an API key', `sk-${word(48)}`],
  ['a signed token', 'a signed token', `eyJ${word(20)}.eyJ${word(40)}.${word(43)}`],
  ['a bearer token in a header', 'a bearer token', `curl -H "Authorization: Bearer ${word(40)}" https://api.example.org`],
  ['a bearer token in JSON', 'a bearer token', `{"bearer": "${word(32)}"}`],
  ['an invite of a private group', 'an invite that lets its holder in', `sym://join#v1.${word(40)}`],
  ['an invite with a token', 'an invite with a token', 'sym://team/backend?relay=wss://r.example.org&token=x'],
]

describe('a text that is about to be sent', () => {
  it.each(SECRETS)('is refused with %s [R165] [C4]', (_, kind, secret) => {
    expect(findSecret(secret)).toBe(kind)
    expect(findSecret(`please use this: ${secret} for the build`)).toBe(kind)
    // What cannot be seen does not hide it either.
    expect(findSecret([...secret].join('\u200b'))).toBe(kind)
  })

  it.each([
    'the header -----BEGIN PRIVATE KEY----- must come first; the loader refuses anything else',
    'generate it with: openssl genpkey, which prints -----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----',
    pem('PUBLIC KEY'),
    pem('CERTIFICATE'),
    'AKIAIOSFODNN7EXAMPLE is the id in the documents, AKIAXXXXXXXXXXXXXXXX another placeholder',
    'the prefix AKIA means a long-lived key, ghp_ a personal token, sk- an API key',
    'set GITHUB_TOKEN=ghp_your_token_goes_here_and_nothing_else_but',
    'Authorization: Bearer <token>',
    `Authorization: Bearer \${ACCESS_TOKEN_FROM_ENVIRONMENT}`,
    'Authorization: Bearer YOUR_ACCESS_TOKEN_GOES_HERE_PLEASE',
    'the bearer of this message is responsible-for-the-whole-import-pipeline',
    'commit 3f2a9c0d7be1458896aa0d2f4c1b7e9933d0c5aa broke it',
    'sha256-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'asrt-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'task-sk-learn-pipeline-for-the-quarterly-report-of-the-finance-team',
    'sk-learn and risk-assessment-of-the-new-module-in-the-payment-service',
    'join us: sym://group/backend-team',
    'join us: sym://team/backend?relay=wss://relay.example.org',
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk',
    'node 018f47a0-7b21-7abc-8def-000000000001 at 192.168.1.5:7342',
    'neutral',
    '',
  ])('is let through without one: %j [R165]', (text) => {
    expect(findSecret(text)).toBeUndefined()
  })

  it('is read in time that grows with its length and no faster', () => {
    const long = [
      `bearer ${'a'.repeat(200_000)}`,
      '-----BEGIN '.repeat(20_000),
      'eyJa'.repeat(50_000),
      'sym://'.repeat(30_000),
      'sk-abc-'.repeat(30_000),
    ]
    expect(cpuMs(() => long.map(findSecret))).toBeLessThan(4_000)
  })

  it('is refused by a sentence that says where, and does not repeat it', () => {
    const secret = `ghp_${word(36)}`
    expect(() => demandNoSecret('focus', `x ${secret}`)).toThrow(/^focus seems to hold an access token; nothing was sent\./)
    try {
      demandNoSecret('focus', secret)
    } catch (thrown) {
      expect(String(thrown)).not.toContain(secret.slice(8))
    }
  })
})
