import { describe, expect, it } from 'vitest'
import { isPublicAddress } from '../../../server/src/mmp/relay-url.ts'
import { dialCauseOf, isPrivateLiteral, parseRelayUrl } from '../../../server/src/transport/relay-url.ts'

const parsed = (text: string) => {
  const result = parseRelayUrl(text)
  if (result.kind === 'refused') throw new Error(result.why)
  return result.url
}

describe('the URL of a relay', () => {
  it.each(['wss://relay.example', 'wss://relay.example:7343/path?x=1', 'ws://127.0.0.1:7343', 'ws://localhost:1', 'ws://[::1]:1'])(
    'may be %s',
    (text) => {
      expect(parsed(text).host).not.toContain('/')
    },
  )

  it.each([
    'relay.example',
    'https://relay.example',
    'ws://relay.example',
    'ws://192.168.1.1',
    'ws://127.0.0.1.evil.example',
    'ws://localhost.evil.example',
    'wss://user:secret@relay.example',
    'wss://relay.example#secret',
    `wss://${'x'.repeat(2_100)}`,
  ])('may not be %s, and what is said of it repeats no secret [B8]', (text) => {
    const result = parseRelayUrl(text)
    expect(result.kind).toBe('refused')
    expect(JSON.stringify(result)).not.toContain('secret')
  })
})

describe('an address that somebody else chose', () => {
  it.each(['8.8.8.8', '2606:4700::1111'])('may be %s', (address) => expect(isPublicAddress(address)).toBe(true))

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00:ec2::254',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    '2001:0:0:1::',
    'no address',
  ])('may not be %s [B8]', (address) => expect(isPublicAddress(address)).toBe(false))

  it('is looked at in the URL too, however it is written', () => {
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:10.0.0.1]', '169.254.169.254', 'localhost'])
      expect(isPrivateLiteral(parsed(`wss://${host}`)), host).toBe(true)
    for (const host of ['8.8.8.8', 'relay.example']) expect(isPrivateLiteral(parsed(`wss://${host}`)), host).toBe(false)
  })
})

describe('the cause of a failed dial', () => {
  const of = (code: string) => dialCauseOf(Object.assign(new Error('x'), { code }))
  it.each([
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
    ['ECONNREFUSED', 'refused'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['CERT_HAS_EXPIRED', 'tls'],
    ['EHOSTUNREACH', 'blocked'],
    ['ETIMEDOUT', 'blocked'],
    ['EPRIVATE', 'private'],
  ] as const)('%s is %s', (code, cause) => expect(of(code)).toBe(cause))
  it('is told of an answer that is no WebSocket', () => expect(dialCauseOf(new Error('Unexpected server response: 200'))).toBe('http'))
})
