import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../server/src/base/bytes.ts'
import { buildCat7 } from '../../../server/src/mmp/cat7.ts'
import { decodeRecord, encodeRecord, mintCmb } from '../../../server/src/mmp/record.ts'
import { createCmbSeal } from '../../../server/src/secure/cmb-encrypted.ts'
import { alice, sessions } from '../../vectors/fixtures.ts'

const both = sessions()
const pair = () => [createCmbSeal(both.client), createCmbSeal(both.server)] as const
const record = encodeRecord(
  mintCmb({
    fields: buildCat7({ focus: 'canary-in-the-fields' }),
    group: 'default',
    application: { mediaType: 'text/plain', schema: '', bytes: utf8('canary-in-the-body') },
    createdAt: 1,
    author: { nodeId: alice.nodeId, name: 'alice' },
    sign: alice.sign,
  }),
)
const frame = () => JSON.parse(Buffer.from(pair()[0].seal(record)).toString())
const ruleOf = (value: unknown) => {
  const opened = pair()[1].open(utf8(JSON.stringify(value)))
  return opened.kind === 'ok' ? 'ok' : opened.rule
}

describe('a sealed record', () => {
  it('opens as the record that was sealed, which then verifies', () => {
    const [client, server] = pair()
    const opened = server.open(client.seal(record))
    expect(opened).toEqual({ kind: 'ok', record })
    expect(opened.kind === 'ok' && decodeRecord(opened.record, alice.publicKey).kind).toBe('ok')
  })

  it('shows neither fields nor body', () => {
    const text = JSON.stringify(frame())
    expect(text).not.toContain('canary-in-the-fields')
    expect(text).not.toContain(record.applicationData)
  })

  it.each(['protocolVersion', 'suite', 'sessionId', 'sequence', 'direction', 'metadata', 'sealed'])(
    'is refused without %s or with a wrong one',
    (name) => {
      const { [name]: _, ...rest } = frame()
      expect(ruleOf(rest)).toBe('bad-frame')
      for (const value of [null, 1, [], 'other']) expect(ruleOf({ ...frame(), [name]: value })).not.toBe('ok')
    },
  )

  it('takes its direction from the role, never from the frame', () => {
    expect(ruleOf({ ...frame(), direction: 'server-to-client' })).toBe('bad-session')
    const [client] = pair()
    expect(client.open(client.seal(record))).toEqual({ kind: 'rejected', rule: 'bad-session' })
  })

  it('is closed for good by the first frame that does not open', () => {
    const [client, server] = pair()
    const good = client.seal(record)
    expect(server.open(utf8('{}'))).toEqual({ kind: 'rejected', rule: 'bad-frame' })
    expect(server.open(good)).toEqual({ kind: 'rejected', rule: 'closed' })
  })
})
