/** Properties of invite links: 10,000 hostile ones are read without a throw, and what is accepted is within every rule. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../server/src/base/secret.ts'
import { type GroupName, parseGroupName } from '../../server/src/mmp/group.ts'
import { explainRule, formatInviteLink, isToken, parseInviteLink } from '../../server/src/mmp/invite-link.ts'
import { parseRelayUrl } from '../../server/src/mmp/relay-url.ts'

const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const piece = fc.oneof(
  fc.constantFrom(
    'sym',
    'SYM',
    'melotune',
    'https',
    '://',
    'group/',
    'team/',
    'room/',
    'join#v1.',
    '?',
    '&',
    '=',
    'relay=',
    'token=',
    '#',
    '/',
    '..',
  ),
  fc.constantFrom(
    'default',
    'backend-team',
    'A',
    'a--b',
    '%',
    '%2F',
    '%00',
    '%0a',
    '%ff',
    '%E2%80%AE',
    '$(id)',
    '`',
    ';',
    '<x>',
    '\u202e',
    '\u0000',
    '\n',
  ),
  fc.constantFrom('wss%3A%2F%2Frelay.example.com', 'ws://127.0.0.1', 'wss://169.254.169.254', 'wss://u:p@x.example', 'x'.repeat(700)),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.webUrl(),
)
/** A lone surrogate cannot be percent-encoded. */
const encode = (text: string): string => encodeURIComponent(Buffer.from(text).toString())
/** From noise to a good link with one part replaced. */
const hostile = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.tuple(fc.constantFrom('sym://group/', 'sym://team/', 'melotune://room/'), piece, piece).map((pieces) => pieces.join('')),
  fc.tuple(piece, piece).map(([relay, token]) => `sym://team/backend-team?relay=${relay}&token=${token}`),
  fc.tuple(piece, piece).map(([relay, token]) => `sym://team/a?relay=${encode(relay)}&token=${encode(token)}`),
)

const word = fc.stringMatching(/^[a-z0-9]{1,12}$/)
const groupName = fc
  .array(word, { minLength: 1, maxLength: 4 })
  .map((words) => parseGroupName(words.join('-')))
  .filter((name): name is GroupName => name !== undefined)
const relayUrl = fc.tuple(fc.domain(), fc.webPath()).map(([host, path]) => parseRelayUrl(`wss://${host}${path}`))
const token = fc.string({ minLength: 1, maxLength: 64 }).filter(isToken)

describe('an invite link', () => {
  it('is accepted within every rule or refused by one, whatever it is [C3] [B8]', () => {
    const seen = { accepted: 0, refused: new Set<string>() }
    fc.assert(
      fc.property(hostile, (text) => {
        const verdict = parseInviteLink(text)
        if (verdict.kind === 'refused') {
          seen.refused.add(verdict.rule)
          expect(explainRule(verdict.rule)).not.toBe('')
          return
        }
        seen.accepted++
        expect(text.trim().length).toBeLessThanOrEqual(2_048)
        if (verdict.link.kind === 'private') {
          expect(text.trim()).toMatch(/^sym:\/\/join#v1\.[A-Za-z0-9_-]+$/)
          return
        }
        const { group, relay, token: secret } = verdict.link
        expect(relay === undefined && secret !== undefined).toBe(false)
        expect(group).toMatch(KEBAB)
        expect(group.length).toBeLessThanOrEqual(62)
        if (relay === undefined) return
        expect(relay).toMatch(/^wss:\/\/[^@?#\s]+$/)
        const printed: { link: { token?: string } } = JSON.parse(JSON.stringify(verdict))
        expect(printed.link.token).toBe(secret && '[secret]')
      }),
      { numRuns: 10_000 },
    )
    // The generator is of use only if it meets many of the rules, and good links too; how many of the rare ones is chance.
    expect(seen.accepted).toBeGreaterThan(50)
    expect(seen.refused.size).toBeGreaterThanOrEqual(5)
  })

  it('that we write is read back as it was meant', () => {
    fc.assert(
      fc.property(groupName, relayUrl, fc.option(token), (group, relay, text) => {
        fc.pre(relay.kind === 'ok')
        if (relay.kind !== 'ok') return
        const link = formatInviteLink({ group, relay: relay.url, token: text === null ? undefined : new Secret(text) })
        fc.pre(link.length <= 2_048)
        const verdict = parseInviteLink(link)
        expect(verdict).toMatchObject({ kind: 'ok', link: { kind: 'open', group, relay: relay.url } })
        if (verdict.kind === 'ok' && verdict.link.kind === 'open') expect(verdict.link.token?.reveal()).toBe(text ?? undefined)
        expect(parseInviteLink(formatInviteLink({ group }))).toMatchObject({ link: { group } })
      }),
      { numRuns: 500 },
    )
  })
})
