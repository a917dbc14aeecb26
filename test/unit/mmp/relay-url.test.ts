import { describe, expect, it } from 'vitest'
import { isPublicAddress, parseRelayUrl, relayHostOf } from '../../../server/src/mmp/relay-url.ts'

const verdict = (text: string, known: readonly string[] = []) => {
  const found = parseRelayUrl(text, known)
  return found.kind === 'ok' ? found.url : found.rule
}

describe('parseRelayUrl', () => {
  it.each([
    ['wss://relay.example.com', 'wss://relay.example.com/'],
    ['WSS://Relay.Example.com:443/mesh', 'wss://relay.example.com/mesh'],
    ['wss://8.8.8.8:9000/', 'wss://8.8.8.8:9000/'],
    ['wss://[2606:4700::1111]/', 'wss://[2606:4700::1111]/'],
  ])('takes %s in one spelling', (text, url) => {
    expect(verdict(text)).toBe(url)
  })

  it.each(['ws://relay.example.com', 'ws://8.8.8.8/', 'ws://192.168.1.4:8080'])('refuses %s: not encrypted [B8]', (text) => {
    expect(verdict(text)).toBe('relay-scheme')
    expect(verdict(text, [text])).toBe('relay-scheme')
  })

  it.each([
    'wss://169.254.169.254/latest',
    'wss://127.0.0.1:8080',
    'ws://127.0.0.1:8080',
    'ws://localhost:8080',
    'wss://localhost.:8080',
    'wss://2130706433/',
    'wss://0x7f.1/',
    'wss://10.0.0.1',
    'wss://172.31.9.9',
    'wss://192.168.0.1',
    'wss://100.64.0.1',
    'wss://0.0.0.0',
    'wss://224.0.0.251',
    'wss://255.255.255.255',
    'wss://[::1]/',
    'ws://[::1]/',
    'wss://[fe80::1]/',
    'wss://[fd00::1]/',
    'wss://[::ffff:10.0.0.1]/',
    'wss://[::ffff:8.8.8.8]/',
    'wss://[64:ff9b::a00:1]/',
    'wss://[2002:7f00:1::]/',
    'wss://relay/',
    'wss://printer.local',
    'wss://metadata.google.internal',
    'wss://a.localhost',
  ])('refuses %s from a stranger, and takes it from the person [B8]', (text) => {
    expect(verdict(text)).toBe('relay-private')
    expect(verdict(text, [text])).toMatch(/^wss?:/)
  })

  it.each([
    '',
    'wss:',
    'wss://',
    'https://relay.example.com',
    'relay.example.com',
    'wss://user@relay.example.com',
    'wss://user:pass@relay.example.com',
    'wss://relay.example.com/#x',
    'wss://relay.example.com/#',
    'wss://relay.example.com/?token=x',
    'wss://relay.example.com/?',
    'wss://relay.exa\nmple.com',
    'wss://relay.example.com\t',
    ' wss://relay.example.com',
    'wss://good.example\\@evil.example',
    'wss://rélay.example.com',
    'wss://relay.example.com:99999',
    `wss://${'a'.repeat(600)}.example`,
  ])('refuses %j as malformed [C3]', (text) => {
    expect(verdict(text)).toBe('relay-malformed')
  })

  it('shows host and port', () => {
    const found = parseRelayUrl('wss://relay.example.com:8443/x')
    expect(found.kind === 'ok' && relayHostOf(found.url)).toBe('relay.example.com:8443')
  })
})

describe('isPublicAddress', () => {
  it.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '2606:4700::1111'])('takes %s', (address) => expect(isPublicAddress(address)).toBe(true))
  it.each(['10.1.2.3', '::', '::1', '::ffff:8.8.8.8', 'fe80::1', 'ff02::fb', 'relay.example.com', ''])('refuses %j', (address) =>
    expect(isPublicAddress(address)).toBe(false),
  )
})
