/** Certificates, lists, invites and knocks, and what each is not. */
import { describe, expect, it } from 'vitest'
import { fromBase64Url, toBase64Url } from '../../../server/src/base/bytes.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { Secret } from '../../../server/src/base/secret.ts'
import { fingerprintOf } from '../../../server/src/identity/ids.ts'
import { signerFromSeed } from '../../../server/src/identity/keys.ts'
import { parseGroupId, parseGroupName, parseGroupValue } from '../../../server/src/mmp/group.ts'
import { isNodeOf, issueMember, issueNode, readMember, serialOf } from '../../../server/src/secure/certificate.ts'
import { explainInvite, formatInvite, readInvite } from '../../../server/src/secure/invite.ts'
import { isSameMac, knockMac, readIdentity } from '../../../server/src/secure/membership.ts'
import { hashOfSecret, readList, signList } from '../../../server/src/secure/revocation.ts'
import { openFact, peekFact, signFact } from '../../../server/src/secure/signed.ts'

const NOW = 1_790_000_000_000
const DAY = 86_400_000
const [root, other, person, node] = [0x51, 0x52, 0x53, 0x54].map((byte) => signerFromSeed(new Uint8Array(32).fill(byte))) as [
  ReturnType<typeof signerFromSeed>,
  ReturnType<typeof signerFromSeed>,
  ReturnType<typeof signerFromSeed>,
  ReturnType<typeof signerFromSeed>,
]
const id = (text: string) =>
  parseGroupId(text) ??
  (() => {
    throw new Error('no id')
  })()
const groupId = id('00112233445566778899aabbccddeeff')
const otherId = id('ff112233445566778899aabbccddeeff')
const facts = { groupId, member: person.publicKey, serial: '0123456789abcdef', notBefore: NOW, notAfter: NOW + 90 * DAY }
const certificate = issueMember(facts, root)

/** Each byte of the text changed once. */
function changed(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'base64url')
  return [...bytes.keys()].map((at) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))).toString('base64url'))
}

describe('a signed fact', () => {
  it('is read back field by field, whatever is in them', () => {
    const fields = ['', 'a:b', '12:', 'ü🙂', '\n']
    const text = signFact('tag\n', fields, root)
    expect([openFact('tag\n', text, root.publicKey), peekFact('tag\n', text)]).toEqual([fields, fields])
    expect([openFact('gat\n', text, root.publicKey), openFact('tag\n', text, other.publicKey)]).toEqual([undefined, undefined])
  })

  it.each(['', 'x', '====', 'A'.repeat(100_000)])('is not %s', (text) => {
    expect(openFact('tag\n', text.slice(0, 100_000), root.publicKey)).toBeUndefined()
  })
})

describe('a certificate', () => {
  it('is of this group, this root and this time', () => {
    const read = readMember(certificate, root.publicKey, groupId, NOW)
    expect(read && { ...read, member: Uint8Array.from(read.member) }).toEqual({ ...facts, member: Uint8Array.from(facts.member) })
    expect(readMember(certificate, other.publicKey, groupId, NOW)).toBeUndefined()
    expect(readMember(certificate, root.publicKey, otherId, NOW)).toBeUndefined()
    const { skewMs } = LIMITS.privateGroup
    expect(readMember(certificate, root.publicKey, groupId, NOW - skewMs)).toBeDefined()
    expect(readMember(certificate, root.publicKey, groupId, NOW - skewMs - 1)).toBeUndefined()
    expect(readMember(certificate, root.publicKey, groupId, NOW + 90 * DAY + skewMs)).toBeDefined()
    expect(readMember(certificate, root.publicKey, groupId, NOW + 90 * DAY + skewMs + 1)).toBeUndefined()
    expect(serialOf(certificate, root.publicKey)).toBe(facts.serial)
  })

  it('with any byte changed is none', () => {
    expect(changed(certificate).filter((text) => readMember(text, root.publicKey, groupId, NOW))).toEqual([])
  })

  it.each([
    ['a life that is too long', { notAfter: NOW + 91 * DAY }],
    ['an end before its beginning', { notAfter: NOW - 1 }],
    ['a serial of another form', { serial: 'X'.repeat(16) }],
    ['a key that nobody can hold', { member: new Uint8Array(32) }],
  ])('with %s is none, though the root signed it', (_, change) => {
    expect(readMember(issueMember({ ...facts, ...change }, root), root.publicKey, groupId, NOW)).toBeUndefined()
  })

  it('of a session is by the person, for this key, for a day', () => {
    const text = issueNode(node.publicKey, { notBefore: NOW, notAfter: NOW + DAY }, person)
    expect(isNodeOf(text, person.publicKey, node.publicKey, NOW)).toBe(true)
    expect(isNodeOf(text, other.publicKey, node.publicKey, NOW)).toBe(false)
    expect(isNodeOf(text, person.publicKey, other.publicKey, NOW)).toBe(false)
    expect(isNodeOf(text, person.publicKey, node.publicKey, NOW + DAY + LIMITS.privateGroup.skewMs + 1)).toBe(false)
    expect(
      isNodeOf(issueNode(node.publicKey, { notBefore: NOW, notAfter: NOW + 2 * DAY }, person), person.publicKey, node.publicKey, NOW),
    ).toBe(false)
    // A certificate of one kind is no certificate of the other.
    expect(isNodeOf(certificate, root.publicKey, person.publicKey, NOW)).toBe(false)
  })
})

describe('the list of removals', () => {
  const list = { groupId, epoch: 3, secretHash: hashOfSecret(new Uint8Array(32)), serials: ['0000000000000001', 'ffffffffffffffff'] }

  it('is of this group and root, in one order', () => {
    const text = signList({ ...list, serials: [...list.serials].reverse() }, root)
    expect(readList(text, root.publicKey, groupId)).toEqual(list)
    expect([readList(text, other.publicKey, groupId), readList(text, root.publicKey, otherId)]).toEqual([undefined, undefined])
    expect(changed(text).filter((one) => readList(one, root.publicKey, groupId))).toEqual([])
  })

  it.each([
    ['a serial twice', { serials: ['0000000000000001', '0000000000000001'] }],
    ['a hash of another length', { secretHash: 'ab' }],
    [
      'more than it may hold',
      { serials: Array.from({ length: LIMITS.privateGroup.revoked + 1 }, (_, at) => at.toString(16).padStart(16, '0')) },
    ],
  ])('with %s is none', (_, change) => {
    expect(readList(signList({ ...list, ...change }, root), root.publicKey, groupId)).toBeUndefined()
  })
})

describe('who somebody is on a link', () => {
  const identity = {
    user: toBase64Url(person.publicKey),
    node: issueNode(node.publicKey, { notBefore: NOW, notAfter: NOW + DAY }, person),
    certificate,
  }
  const group = { groupId, root: root.publicKey, list: undefined }
  const read = (change: object = {}, list?: ReturnType<typeof readList>, peer = node.publicKey) =>
    readIdentity({ ...identity, ...change }, { ...group, list }, peer, NOW)

  it('is a member by three words: of the link, of the person, of the group', () => {
    expect(read()).toMatchObject({ kind: 'member', user: fingerprintOf(person.publicKey), serial: facts.serial })
    expect(read({ certificate: undefined })).toMatchObject({ kind: 'person' })
  })

  it('is nobody with the papers of another [C8]', () => {
    const foreign = issueMember({ ...facts, member: other.publicKey }, root)
    expect(read({}, undefined, other.publicKey)).toEqual({ kind: 'refused', rule: 'bad-node-certificate' })
    expect(read({ certificate: foreign })).toEqual({ kind: 'refused', rule: 'bad-certificate' })
    expect(read({ user: toBase64Url(other.publicKey) })).toEqual({ kind: 'refused', rule: 'bad-node-certificate' })
    expect(read({ user: toBase64Url(new Uint8Array(32)) })).toEqual({ kind: 'refused', rule: 'bad-user-key' })
  })

  it('is no member once its serial is on the list [C9]', () => {
    const list = readList(
      signList({ groupId, epoch: 2, secretHash: hashOfSecret(new Uint8Array(32)), serials: [facts.serial] }, root),
      root.publicKey,
      groupId,
    )
    expect(read({}, list)).toEqual({ kind: 'refused', rule: 'revoked' })
  })

  it('is shown by a knock that fits this link, this kind and this name alone', () => {
    const secret = toBase64Url(new Uint8Array(32).fill(7))
    const hash = new Uint8Array(32).fill(9)
    const mac = knockMac(secret, 'epoch', '1', hash)
    expect(isSameMac(mac, knockMac(secret, 'epoch', '1', hash))).toBe(true)
    for (const wrong of [
      knockMac(secret, 'invite', '1', hash),
      knockMac(secret, 'epoch', '2', hash),
      knockMac(secret, 'epoch', '1', new Uint8Array(32)),
      knockMac(toBase64Url(new Uint8Array(32)), 'epoch', '1', hash),
      '',
    ])
      expect(isSameMac(mac, wrong)).toBe(false)
  })
})

describe('an invite', () => {
  const invite = {
    groupId,
    root: root.publicKey,
    label: 'backend-team',
    inviter: fingerprintOf(person.publicKey),
    relay: undefined,
    id: '0123456789abcdef',
    secret: new Secret(toBase64Url(new Uint8Array(32).fill(3))),
    expiresAt: NOW + DAY,
  }
  const payload = (link: string) => new Secret(link.replace(/^sym:\/\/join#v1\./, ''))
  const link = formatInvite(invite, root)

  it('says who invites into what, until when [R94]', () => {
    const verdict = readInvite(payload(link), NOW)
    expect(verdict).toMatchObject({ kind: 'ok', invite: { label: 'backend-team', inviter: invite.inviter, expiresAt: NOW + DAY } })
    expect(verdict.kind === 'ok' && verdict.invite.secret.equals(invite.secret)).toBe(true)
    expect(JSON.stringify(verdict)).not.toContain(invite.secret.reveal())
  })

  it('is within the length of a link, and nothing in it lasts', () => {
    expect(link.length).toBeLessThan(LIMITS.invite.linkCharacters)
    const bytes = Buffer.from(fromBase64Url(payload(link).reveal()) ?? new Uint8Array()).toString('latin1')
    expect(bytes).not.toContain('token')
  })

  it('is refused with the rule that it broke [R95]', () => {
    const rule = (text: string, now = NOW) => {
      const verdict = readInvite(new Secret(text), now)
      return verdict.kind === 'refused' ? verdict.rule : verdict.kind
    }
    expect(rule('abc')).toBe('invite-malformed')
    expect(rule(payload(link).reveal().slice(0, -4))).toBe('invite-malformed')
    expect(rule(`${payload(link).reveal().slice(0, -2)}AA`)).toBe('invite-signature')
    expect(rule(payload(formatInvite(invite, other)).reveal())).toBe('invite-signature')
    expect(rule(payload(link).reveal(), NOW + DAY + 1)).toBe('invite-expired')
    expect(rule(payload(formatInvite({ ...invite, label: 'No Label' }, root)).reveal())).toBe('invite-malformed')
    const relay = 'ws://10.0.0.1/x' as never
    expect(rule(payload(formatInvite({ ...invite, relay }, root)).reveal())).toBe('invite-relay')
    for (const one of ['invite-malformed', 'invite-signature', 'invite-expired', 'invite-relay'] as const)
      expect(explainInvite(one)).not.toBe('')
  })

  it('with any byte changed is refused [B8]', () => {
    const kept = changed(payload(link).reveal()).filter((text) => readInvite(new Secret(text), NOW).kind === 'ok')
    expect(kept).toEqual([])
  })
})

describe('the value of a private group', () => {
  it.each(['backend-team:001122334455', 'a:0123456789ab'])('is %s', (text) => {
    expect([parseGroupValue(text), parseGroupName(text)]).toEqual([text, undefined])
  })
  it.each([
    'backend-team:00112233445',
    'backend-team:00112233445X',
    ':001122334455',
    'a:b:001122334455',
    `${'x'.repeat(41)}:001122334455`,
    'A:001122334455',
  ])('is not %s', (text) => {
    expect(parseGroupValue(text)).toBeUndefined()
  })
})
