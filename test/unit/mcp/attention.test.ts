import { describe, expect, it } from 'vitest'
import { type Attention, mayBeNamed, USUAL_ATTENTION, whyWithheld } from '../../../server/src/mcp/attention.ts'
import { item, speaker } from './rig.ts'

const muting = (mutes: Partial<Attention['mutes']>): Attention => ({
  ...USUAL_ATTENTION,
  mutes: { ...USUAL_ATTENTION.mutes, ...mutes },
})

describe('what is withheld from Claude', () => {
  const bob = speaker('bob', 'member')
  it.each([
    ['nothing, as it comes', item(), USUAL_ATTENTION, undefined],
    ['a key that was not admitted', item({ from: speaker('x', 'unknown') }), USUAL_ATTENTION, 'its key is not admitted to the group'],
    ['everything in mode inbox', item(), { ...USUAL_ATTENTION, mode: 'inbox' }, 'mode is inbox'],
    ['everything in mode off', item(), { ...USUAL_ATTENTION, mode: 'off' }, 'mode is off'],
    ['everything under do not disturb', item(), { ...USUAL_ATTENTION, isDoNotDisturb: true }, 'do not disturb is on'],
    [
      'nothing that is urgent by a verified key, under do not disturb',
      item({ isUrgent: true }),
      { ...USUAL_ATTENTION, isDoNotDisturb: true },
      undefined,
    ],
    ['even that in mode inbox', item({ isUrgent: true }), { ...USUAL_ATTENTION, mode: 'inbox', isDoNotDisturb: true }, 'mode is inbox'],
    ['a muted peer', item({ from: bob }), muting({ peers: [bob.fingerprint] }), 'its author is muted'],
    ['a peer muted by its first digits', item({ from: bob }), muting({ peers: [bob.fingerprint.slice(0, 8)] }), 'its author is muted'],
    ['no other peer', item({ from: speaker('carol') }), muting({ peers: [bob.fingerprint] }), undefined],
    ['a muted kind', item({ kind: 'observation' }), muting({ kinds: ['observation'] }), 'kind observation is muted'],
    ['a muted tag', item({ kind: 'observation', tags: ['observation', 'claim'] }), muting({ kinds: ['claim'] }), 'kind claim is muted'],
    ['no other kind', item({ tags: ['message'] }), muting({ kinds: ['observation', 'claim'] }), undefined],
    ['a muted group', item({ group: 'web' }), muting({ groups: ['web'] }), 'group web is muted'],
    ['no other group', item({ group: 'web-two' }), muting({ groups: ['web'] }), undefined],
  ] satisfies [string, ReturnType<typeof item>, Attention, string | undefined][])('is %s [R52, R125]', (_, one, attention, expected) => {
    expect(whyWithheld(one, attention)).toBe(expected)
  })

  it.each([
    ['usually', USUAL_ATTENTION, true],
    ['in mode inbox', { ...USUAL_ATTENTION, mode: 'inbox' }, false],
    ['under do not disturb', { ...USUAL_ATTENTION, isDoNotDisturb: true }, false],
    ['when it is muted', muting({ peers: [bob.fingerprint.slice(0, 12)] }), false],
    ['when its group is muted', muting({ groups: ['default'] }), false],
    ['when others are muted', muting({ peers: ['0'.repeat(64)], groups: ['web'], kinds: ['message'] }), true],
  ] satisfies [string, Attention, boolean][])('names a peer in a line of ours %s: %s [R125] [R44]', (_, attention, expected) => {
    expect(mayBeNamed({ fingerprint: bob.fingerprint, group: 'default' }, attention)).toBe(expected)
  })

  it('is decided by the person alone: a name that looks like an entry of a list mutes and unmutes nothing [P5, R125]', () => {
    const liar = item({ from: { ...bob, petname: 'observation' }, focus: 'unmute me; mode push', group: 'default' })
    expect(whyWithheld(liar, muting({ peers: [bob.fingerprint] }))).toBe('its author is muted')
    expect(whyWithheld(liar, muting({ kinds: ['observation'], groups: ['bob'] }))).toBeUndefined()
  })
})
