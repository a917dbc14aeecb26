import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../server/src/base/secret.ts'
import { parseGroupName } from '../../../server/src/mmp/group.ts'
import { explainRule, formatInviteLink, type LinkRule, parseInviteLink } from '../../../server/src/mmp/invite-link.ts'
import { parseRelayUrl } from '../../../server/src/mmp/relay-url.ts'

const RELAY = encodeURIComponent('wss://relay.example.com/mesh')
const ruleOf = (text: string): LinkRule | 'accepted' => {
  const verdict = parseInviteLink(text)
  return verdict.kind === 'ok' ? 'accepted' : verdict.rule
}
const open = (text: string) => {
  const verdict = parseInviteLink(text)
  return verdict.kind === 'ok' && verdict.link.kind === 'open' ? verdict.link : undefined
}

describe('a link', () => {
  it('names a group of the local network', () => {
    expect(open('sym://group/backend-team')).toEqual({ kind: 'open', group: 'backend-team', relay: undefined, token: undefined })
    expect(open(' sym://group/default\n')).toMatchObject({ group: 'default' })
    expect(open('SYM://Team/backend%2Dteam')).toMatchObject({ group: 'backend-team' })
  })

  it('names a relay, and a token that nobody sees', () => {
    const link = open(`sym://team/backend-team?relay=${RELAY}&token=canary%2Dtoken`)
    expect(link).toMatchObject({ group: 'backend-team', relay: 'wss://relay.example.com/mesh' })
    expect(link?.token?.reveal()).toBe('canary-token')
    expect(inspect(link, { depth: 9 }) + JSON.stringify(link)).not.toContain('canary')
  })

  it('of an application names its room', () => {
    expect(open('melotune://room/jazz-42/Jazz%20%26%20Soul')).toMatchObject({ group: 'melotune-jazz-42', displayName: 'Jazz & Soul' })
    expect(open('melotune://room/jazz')).toMatchObject({ group: 'melotune-jazz', displayName: undefined })
    expect(open(`melotune://room/jazz/J?relay=${RELAY}`)).toMatchObject({ relay: 'wss://relay.example.com/mesh' })
  })

  it('to a private group is recognised, and what it holds is a secret', () => {
    const verdict = parseInviteLink('sym://join#v1.canary_Payload-1')
    expect(verdict).toMatchObject({ kind: 'ok', link: { kind: 'private' } })
    expect(inspect(verdict, { depth: 9 })).not.toContain('canary')
    expect(verdict.kind === 'ok' && verdict.link.kind === 'private' && verdict.link.payload.reveal()).toBe('canary_Payload-1')
  })
})

describe('each refusal names its rule [R95] [C3]', () => {
  it.each<[LinkRule, string]>([
    ['link-length', `sym://group/${'a'.repeat(2_048)}`],
    ['link-alphabet', 'sym://group/team one'],
    ['link-alphabet', 'sym://group/te\u0000am'],
    ['link-alphabet', 'sym://group/te\nam'],
    ['link-alphabet', 'sym://group/t\u0435am'],
    ['link-alphabet', ''],
    ['link-form', 'backend-team'],
    ['link-form', 'sym://backend-team'],
    ['link-form', 'sym:group/backend-team'],
    ['link-form', 'sym://group/'],
    ['link-form', 'sym://group/a/b'],
    ['link-form', 'sym://group/a/b/c'],
    ['link-form', 'sym://group/a#b'],
    ['link-form', 'sym://join'],
    ['link-form', 'sym://join#v2.abc'],
    ['link-form', 'sym://join#v1.a%20b'],
    ['link-form', 'sym://join/x#v1.abc'],
    ['link-form', 'melotune://group/jazz'],
    ['link-form', 'sym://group/$(id)/`id`'],
    ['link-form', 'sym://group/sym://group/a'],
    ['link-scheme', 'https://room/abc/def'],
    ['link-scheme', 'javascript://room/alert/1'],
    ['link-scheme', 'file://room/etc/passwd'],
    ['link-percent', 'sym://group/a%zz'],
    ['link-percent', 'sym://group/a%'],
    ['link-percent', 'sym://group/a%ff'],
    ['link-percent', 'melotune://room/jazz/%c3'],
    ['link-percent', `sym://team/a?relay=${RELAY}&token=%e0%a4`],
    ['link-group', 'sym://group/Backend'],
    ['link-group', 'sym://group/a--b'],
    ['link-group', 'sym://group/..%2Fa'],
    ['link-group', 'sym://group/%2e%2e'],
    ['link-group', 'sym://group/a%00b'],
    ['link-group', 'sym://group/a%0Ab'],
    ['link-group', 'sym://group/$(id)'],
    ['link-group', 'sym://group/a;id'],
    ['link-group', "sym://group/a'b"],
    ['link-group', 'sym://group/a%3A0123456789ab'],
    ['link-group', `sym://group/${'a'.repeat(63)}`],
    ['link-group', 'sym://group/https:%2F%2Fevil.example'],
    ['link-group', 'melotune-://room/jazz'],
    ['link-group', 'melotune://room/Jazz'],
    ['link-name', 'melotune://room/jazz/%E2%80%AEevil'],
    ['link-name', 'melotune://room/jazz/a%0Ab'],
    ['link-name', 'melotune://room/jazz/%1b[31m'],
    ['link-name', `melotune://room/jazz/${'x'.repeat(65)}`],
    ['link-query', `sym://group/a?relay=${RELAY}`],
    ['link-query', 'sym://team/a?'],
    ['link-query', 'sym://team/a?token=x'],
    ['link-query', `sym://team/a?relay=${RELAY}&relay=${RELAY}`],
    ['link-query', `sym://team/a?relay=${RELAY}&admin=1`],
    ['link-query', `sym://team/a?relay=${RELAY}&`],
    ['link-query', `sym://team/a?RELAY=${RELAY}`],
    ['link-token', `sym://team/a?relay=${RELAY}&token=`],
    ['link-token', `sym://team/a?relay=${RELAY}&token=a%20b`],
    ['link-token', `sym://team/a?relay=${RELAY}&token=${'x'.repeat(513)}`],
    ['relay-malformed', 'sym://team/a?relay='],
    ['relay-malformed', `sym://team/a?relay=${encodeURIComponent('https://x.example')}`],
    ['relay-scheme', `sym://team/a?relay=${encodeURIComponent('ws://x.example')}`],
    ['relay-private', `sym://team/a?relay=${encodeURIComponent('wss://169.254.169.254')}`],
    ['relay-private', `sym://team/a?relay=${encodeURIComponent('ws://127.0.0.1:1')}`],
  ])('%s', (rule, link) => {
    expect(ruleOf(link)).toBe(rule)
  })

  it('in words, and repeats nothing of the link', () => {
    const rules: LinkRule[] = ['link-length', 'link-alphabet', 'link-form', 'link-scheme', 'link-percent', 'link-group', 'link-name']
    const more: LinkRule[] = ['link-query', 'link-token', 'relay-malformed', 'relay-scheme', 'relay-private']
    const sentences = [...rules, ...more].map(explainRule)
    expect(new Set(sentences).size).toBe(12)
    for (const sentence of sentences) expect(sentence).toMatch(/^(?:it|its|after) .{20,}$/)
  })
})

describe('formatInviteLink', () => {
  const group = parseGroupName('backend-team')
  const relay = parseRelayUrl('wss://relay.example.com/a b'.replace(' ', '%20'))

  it('writes the documented forms, and a token only when one is passed', () => {
    if (group === undefined || relay.kind !== 'ok') throw new Error('unreachable')
    expect(formatInviteLink({ group })).toBe('sym://group/backend-team')
    expect(formatInviteLink({ group, relay: relay.url })).not.toContain('token')
    const link = formatInviteLink({ group, relay: relay.url, token: new Secret('a&b=c#d') })
    expect(open(link)).toMatchObject({ group, relay: relay.url })
    expect(open(link)?.token?.reveal()).toBe('a&b=c#d')
  })
})
