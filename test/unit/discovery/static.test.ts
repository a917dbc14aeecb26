import { describe, expect, it } from 'vitest'
import { parseStaticPeers } from '../../../server/src/discovery/static.ts'

describe('static peers [R33]', () => {
  it('reads names, IPv4 and bracketed IPv6 addresses', () => {
    expect(parseStaticPeers('mac.local:4000, 192.168.1.5:5000,[2001:db8::1]:6000,,[fe80::1%eth0]:7000')).toEqual([
      { kind: 'lan', host: 'mac.local', port: 4_000 },
      { kind: 'lan', host: '192.168.1.5', port: 5_000 },
      { kind: 'lan', host: '2001:db8::1', port: 6_000 },
      { kind: 'lan', host: 'fe80::1%eth0', port: 7_000 },
    ])
  })

  it('reads the addresses of stock nodes, and a host of that name [R174]', () => {
    expect(parseStaticPeers('stock:10.0.0.5:4000,stock:[::1]:5000,stock:6000')).toEqual([
      { kind: 'lan', host: '10.0.0.5', port: 4_000, dialect: 'stock' },
      { kind: 'lan', host: '::1', port: 5_000, dialect: 'stock' },
      { kind: 'lan', host: 'stock', port: 6_000 },
    ])
    expect(() => parseStaticPeers('stock:10.0.0.5:0')).toThrow('stock:10.0.0.5:0')
  })

  it('reads nothing as nobody, and an entry that comes twice once', () => {
    expect(parseStaticPeers(' , ')).toEqual([])
    expect(parseStaticPeers('a:1,A:1')).toHaveLength(1)
  })

  it.each([
    'host',
    'host:',
    ':80',
    'host:0',
    'host:65536',
    'host:8o',
    '2001:db8::1:80',
    '[host]:80',
    '[::1]',
    'ho st:80',
    'http://a:80',
    '../x:80',
  ])('names the wrong entry %j', (entry) => {
    expect(() => parseStaticPeers(`good:4000,${entry}`)).toThrow(JSON.stringify(entry))
  })

  it('refuses more than anybody types', () => {
    expect(() => parseStaticPeers(Array.from({ length: 65 }, (_, n) => `h${n}:4000`).join())).toThrow('65')
  })
})
