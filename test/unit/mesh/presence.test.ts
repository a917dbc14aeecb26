import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Guard } from '../../../server/src/base/guard.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { silentLog } from '../../../server/src/base/log.ts'
import { type Hearer, markOf, Presence } from '../../../server/src/mesh/presence.ts'
import type { Frame, FrameOf } from '../../../server/src/mmp/frames.ts'
import type { Database } from '../../../server/src/store/database.ts'
import { Attacker } from '../../support/attacker.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { bob, carol, fingerprint, keysOf, Lab, PORT, type TestNode, turns, until } from '../../support/mesh.ts'

type Said = FrameOf<'mesh-opaque-v1-presence'>
const TYPE = 'mesh-opaque-v1-presence'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

class Ear implements Hearer {
  readonly kind: Hearer['kind']
  readonly group: string
  readonly heard: Said[] = []
  isDeaf = false

  constructor(kind: Hearer['kind'], group = 'default') {
    this.kind = kind
    this.group = group
  }

  send(frame: Frame): boolean {
    if (!this.isDeaf && frame.type === TYPE) this.heard.push(frame)
    return !this.isDeaf
  }

  get last(): Partial<Said> {
    return this.heard.at(-1) ?? {}
  }
}

describe('what a node says of itself', () => {
  let clock: FakeClock
  let db: Database
  const [near, far] = [new Ear('machine'), new Ear('lan')]
  let presence: Presence

  beforeEach(async () => {
    clock = new FakeClock()
    db = await lab.openStore('self')
    presence = new Presence({ clock, guard: new Guard(silentLog), db, hearers: () => [near, far] })
    for (const ear of [near, far]) presence.greet(ear)
    for (const ear of [near, far]) ear.heard.length = 0
  })
  afterEach(() => {
    presence.stop()
    db.close()
    expect(clock.pending).toBe(0)
  })

  it('is told when it changes, and not again when it does not', () => {
    presence.setActivity('working')
    presence.setActivity('working')
    expect(near.heard).toMatchObject([{ status: 'working' }])
    presence.setActivity('idle')
    presence.setReach('push')
    expect(far.heard.map(({ status, reach }) => [status, reach])).toEqual([
      ['working', undefined],
      ['idle', undefined],
      ['idle', 'push'],
    ])
  })

  it('rises in number with each statement, over a restart too [R42]', () => {
    presence.setActivity('working')
    presence.setActivity('idle')
    const [first, second] = near.heard
    expect(second?.seq).toBeGreaterThan(first?.seq ?? Number.POSITIVE_INFINITY)
    clock.advance(1_000)
    const again = new Presence({ clock, guard: new Guard(silentLog), db, hearers: () => [near] })
    again.greet(near)
    expect(near.last.seq).toBeGreaterThan(second?.seq ?? Number.POSITIVE_INFINITY)
  })

  it('is forgotten as a status when no hook reports any more, in work or at rest [R36]', () => {
    presence.setActivity('working')
    clock.advance(LIMITS.presence.statusMs - 1)
    expect(presence.status).toBe('working')
    presence.setActivity('idle')
    clock.advance(LIMITS.presence.statusMs - 1)
    expect(presence.status).toBe('idle')
    clock.advance(1)
    expect(presence.status).toBe('unknown')
    expect(near.last).not.toHaveProperty('status')
  })

  it('leaves no timer after the end, whatever hooks still report', () => {
    presence.setActivity('working')
    presence.stop()
    presence.setActivity('idle')
    expect(clock.pending).toBe(0)
  })

  it('is do-not-disturb for as long as the person wants it, whatever hooks report [R36]', () => {
    presence.setDoNotDisturb(true)
    presence.setActivity('working')
    clock.advance(LIMITS.presence.statusMs * 3)
    expect(near.last.status).toBe('do-not-disturb')
    presence.setActivity('idle')
    presence.setDoNotDisturb(false)
    expect(near.last.status).toBe('idle')
  })

  it('tells the network of the project only what is shared, and this machine the rest [R37]', () => {
    presence.setAudiences({
      machine: {
        summary: 'in shop on main',
        folder: 'shop',
        branch: 'main',
        placeId: '/home/u/shop',
        repositoryId: 'h/shop',
        fileIds: ['h/shop\na'],
      },
      network: {},
    })
    expect(near.last).toMatchObject({ summary: 'in shop on main', folder: 'shop', branch: 'main' })
    expect(JSON.stringify(near.heard)).not.toContain('/home/u')
    // The network hears nothing, not even that something changed.
    presence.setAudiences({ machine: { branch: 'other' }, network: {} })
    expect(far.heard).toEqual([])
  })

  it('tells a group what the person set for it, in the place of what all hear, and this machine everything [R97]', () => {
    const other = new Ear('lan', 'backend')
    const both = new Presence({ clock, guard: new Guard(silentLog), db, hearers: () => [near, far, other] })
    const inGroup = (group: string) => (group === 'backend' ? { branch: 'main' } : undefined)
    both.setAudiences({ machine: { folder: 'shop', branch: 'main' }, network: { folder: 'shop' }, inGroup })
    expect([near.last.folder, far.last.folder, other.last.folder]).toEqual(['shop', 'shop', undefined])
    expect([near.last.branch, far.last.branch, other.last.branch]).toEqual(['main', undefined, 'main'])
  })

  it('marks a place under the name of the group, so that the same one looks different elsewhere', () => {
    const other = new Ear('machine', 'backend')
    const both = new Presence({ clock, guard: new Guard(silentLog), db, hearers: () => [near, other] })
    both.setAudiences({ machine: { placeId: '/p', repositoryId: 'r', fileIds: ['f'] }, network: {} })
    expect(near.last.place).toBe(markOf('place', 'default', '/p'))
    expect(near.last.place).toMatch(/^[0-9a-f]{32}$/)
    const marks = [near, other].flatMap(({ last }) => [last.place, last.repository, ...(last.files ?? [])])
    expect(new Set(marks).size).toBe(6)
  })

  it('prefers a summary that was set, and falls back to the derived one when it is taken back [R37]', () => {
    presence.setAudiences({ machine: { summary: 'in shop' }, network: {} })
    presence.setSummary('reviewing\nthe   importer')
    expect([near.last.summary, far.last.summary]).toEqual(['reviewing the importer', 'reviewing the importer'])
    presence.setSummary('')
    expect(near.last.summary).toBe('in shop')
    expect(far.last).not.toHaveProperty('summary')
  })

  it('refuses a summary that is too long or holds a secret, and keeps the one before [R37] [R165]', () => {
    presence.setSummary('fine')
    expect(() => presence.setSummary('x'.repeat(LIMITS.presence.summaryCharacters + 1))).toThrow(/has 1025 characters, the limit is 1024/)
    expect(() => presence.setSummary(`deploying with ghp_${'aB3dE5gH7jK9'.repeat(3)}`)).toThrow(/the summary seems to hold an access token/)
    expect(presence.summary).toEqual({ text: 'fine', isDerived: false })
    expect(near.heard).toHaveLength(1)
  })

  it('says nothing but how it is reached while it hides, and hides on after a restart [R43]', async () => {
    presence.setSummary('secret plan')
    presence.setActivity('working')
    presence.setReach('push')
    await presence.setHidden(true)
    expect(far.last).toEqual({ type: TYPE, seq: far.last.seq, hidden: true, reach: 'push' })
    const again = new Presence({ clock, guard: new Guard(silentLog), db, hearers: () => [near] })
    expect(again.own.isHidden).toBe(true)
    await presence.setHidden(false)
    expect(far.last).toMatchObject({ summary: 'secret plan', status: 'working' })
    expect(far.last).not.toHaveProperty('hidden')
  })

  it('carries role and tags that were given, over a restart too, and refuses what is no word [R58]', async () => {
    await presence.setRole('reviewer')
    await presence.setTags(['#rust', 'code-review', 'rust'])
    expect(far.last).toMatchObject({ role: 'reviewer', tags: ['rust', 'code-review'] })
    const again = new Presence({ clock, guard: new Guard(silentLog), db, hearers: () => [near] })
    expect(again.own).toEqual({ isHidden: false, role: 'reviewer', tags: ['rust', 'code-review'] })
    for (const text of ['Reviewer', 'a b', '<b>', '', 'x'.repeat(40)]) expect(() => presence.setTags([text])).toThrow(/is no tag/)
    expect(() => presence.setRole('two words')).toThrow(/is no role; use lowercase letters/)
    expect(() => presence.setTags(Array.from({ length: 9 }, (_, at) => `t${at}`))).toThrow(/the limit is 8/)
    await presence.setRole('')
    await presence.setTags([])
    expect(Object.keys(far.last)).toEqual(['type', 'seq'])
  })

  it('is said again by the next renewal to who could not take it', () => {
    far.isDeaf = true
    presence.setActivity('working')
    far.isDeaf = false
    expect(far.heard).toEqual([])
    presence.renew()
    expect(far.heard).toMatchObject([{ status: 'working' }])
    expect(near.heard).toHaveLength(2)
  })

  it('starts with a statement on each new link, also where there is nothing to say', () => {
    presence.greet(far)
    expect(far.heard).toEqual([{ type: TYPE, seq: expect.any(Number) }])
  })
})

function attack(victim: TestNode, keys = carol, host = 'mallory'): Promise<Attacker> {
  return Attacker.connect({ transport: lab.network.transport(host), address: { kind: 'lan', host: victim.host, port: PORT }, keys })
}

const seen = (node: TestNode, name: string) => node.node.peers().find((peer) => peer.name === name)

describe('what peers see', () => {
  it('is status and summary, at once and with no clock moved [R36]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    b.node.setActivity('working')
    b.node.setSummary('fixing the login')
    await lab.meet(a, b)
    expect(seen(a, 'bob')?.presence).toMatchObject({ status: 'working', summary: 'fixing the login' })
    b.node.setActivity('idle')
    await until(() => seen(a, 'bob')?.presence?.status === 'idle', 'the report')
  })

  it('is never brought into a context, however much of it comes [R121]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    const before = a.events.length
    for (let round = 0; round < 40; round++) {
      b.node.setActivity(round % 2 === 0 ? 'working' : 'idle')
      b.node.setSummary(`round ${round}`)
    }
    await until(() => seen(a, 'bob')?.presence?.summary === 'round 39', 'the last word')
    expect(a.events.slice(before)).toEqual([])
    expect(a.node.unsurfaced(10)).toEqual([])
    expect(a.node.inbox({ limit: 10 })).toEqual([])
  })

  it('is leased: who stays linked and says nothing more is unknown after the lease [R39]', async () => {
    const a = await lab.start('alice')
    const one = await attack(a)
    one.send({ type: 'mesh-opaque-v1-profile', name: 'mallory', features: [] })
    one.send({ type: TYPE, seq: 1, status: 'working', summary: 'busy', reach: 'push' })
    await one.sync()
    expect(seen(a, 'mallory')).toMatchObject({ reach: 'push', presence: { status: 'working' } })
    for (let left = LIMITS.presence.leaseMs + 1_000; left > 0; left -= 4_000) {
      await one.sync()
      lab.clock.advance(4_000)
    }
    expect(seen(a, 'mallory')).toMatchObject({ isHere: true, reach: undefined })
    expect(seen(a, 'mallory')?.presence).toBeUndefined()
  })

  it('is renewed within the lease by a node of ours [R39]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    b.node.setSummary('still here')
    await lab.pass(LIMITS.presence.leaseMs * 3, 2_000)
    expect(seen(a, 'bob')?.presence?.summary).toBe('still here')
  })

  it('counts by its number: an older statement changes nothing [R42]', async () => {
    const a = await lab.start('alice')
    const one = await attack(a)
    one.send({ type: 'mesh-opaque-v1-profile', name: 'mallory', features: [] })
    for (const [seq, summary] of [
      [5, 'five'],
      [4, 'four'],
      [5, 'five again'],
      [0, 'zero'],
    ] as const) {
      one.send({ type: TYPE, seq, summary })
    }
    await one.sync()
    expect(seen(a, 'mallory')?.presence?.summary).toBe('five')
    expect(a.node.status().counters['presence-old']).toBe(3)
  })

  it('cannot be said by anybody else [R42]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    b.node.setSummary('mine')
    await lab.meet(a, b)
    const one = await attack(a)
    const posing = { nodeId: bob.nodeId, fingerprint: fingerprint(bob), name: 'bob', from: bob.nodeId, peer: { nodeId: bob.nodeId } }
    one.send({ type: TYPE, seq: Number.MAX_SAFE_INTEGER, summary: 'forged', status: 'do-not-disturb', hidden: true, ...posing })
    await one.sync()
    expect(seen(a, 'bob')?.presence).toMatchObject({ summary: 'mine', status: 'unknown' })
    expect(a.node.roster().peers.map(({ name }) => name)).toEqual(['bob'])
  })

  it('goes with the link, so that nothing old stands for one who came back', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    b.node.setSummary('before')
    await lab.meet(a, b)
    await b.stop()
    await until(() => !a.knows('bob'), 'bob is away')
    expect(seen(a, 'bob')?.presence).toBeUndefined()
    const again = await lab.start('bob')
    await lab.during(lab.linked(a, again))
    expect(seen(a, 'bob')?.presence).toMatchObject({ summary: undefined, status: 'unknown' })
  })

  it('is one line of harmless words, and an unknown status is unknown [A8]', async () => {
    const a = await lab.start('alice')
    const one = await attack(a)
    one.send({ type: 'mesh-opaque-v1-profile', name: 'mallory', features: [] })
    one.send({ type: TYPE, seq: 1, status: 'sudo', summary: 'a\n\u001b[31m</channel>\u202eb', folder: '\u200b', branch: 'x\u0007y' })
    await one.sync()
    expect(seen(a, 'mallory')?.presence).toMatchObject({ status: 'unknown', summary: 'a </channel>b', folder: undefined, branch: 'xy' })
  })

  it('is nothing of a key that is not admitted', async () => {
    const a = await lab.start('alice')
    for (let number = 0; number <= LIMITS.openGroup.newPerHour; number++) {
      const keys = keysOf(`018f47a0-7b21-7abc-8def-${(number + 4096).toString(16).padStart(12, '0')}`, number + 1)
      const one = await attack(a, keys, `host-${number}`)
      one.send({ type: 'mesh-opaque-v1-profile', name: `stranger ${number}`, features: [] })
      one.send({ type: TYPE, seq: 1, summary: 'look at me' })
      await one.sync()
      lab.clock.advance(100)
    }
    const shown = a.node.peers().map(({ trust, presence }) => [trust, presence?.summary])
    expect(shown.filter(([trust]) => trust === 'unknown')).toEqual([['unknown', undefined]])
    expect(shown.filter(([, summary]) => summary === 'look at me')).toHaveLength(LIMITS.openGroup.newPerHour)
  })
})

describe('a message to a tag', () => {
  it('goes to those here that carry it, and to nobody else [R58]', async () => {
    const [a, b, c] = [await lab.start('alice'), await lab.start('bob'), await lab.start('carol')]
    await lab.meet(a, b)
    await lab.meet(a, c)
    await b.node.presence.setTags(['rust'])
    await until(() => seen(a, 'bob')?.presence?.tags.includes('rust') === true, 'the tag')
    const view = await a.say('who owns the parser?', { to: '#rust' })
    expect(view).toMatchObject({ isDirected: false, recipients: [{ peer: 'bob', state: 'received' }] })
    expect([b.focuses(), c.focuses()]).toEqual([['who owns the parser?'], []])
    await expect(a.say('anybody?', { to: '#cobol' })).rejects.toThrow(/nobody here carries the tag #cobol; nothing was sent/)
    await b.node.presence.setHidden(true)
    await until(() => seen(a, 'bob') === undefined, 'bob hides')
    await expect(a.say('anybody?', { to: '#rust' })).rejects.toThrow(/nobody here/)
  })
})

describe('who edits the same file', () => {
  const editing = (fileId: string) => ({ machine: {}, network: { fileIds: [fileId] } })

  it('is found by the mark of the file, in every group that both are in, and by no other mark [R44]', async () => {
    const groups = ['default', 'backend'] as const
    const [a, b] = [await lab.start('alice', { groups: [...groups] }), await lab.start('bob', { groups: [...groups] })]
    await lab.meet(a, b)
    b.node.presence.setAudiences(editing('repo\nsrc/a.ts'))
    await until(() => a.node.editorsOf('repo\nsrc/a.ts').length === 1, 'the mark')
    expect(a.node.editorsOf('repo\nsrc/a.ts')).toMatchObject([{ name: 'bob' }])
    expect(a.node.editorsOf('repo\nsrc/b.ts')).toEqual([])
    expect(a.node.editorsOf('other\nsrc/a.ts')).toEqual([])
    b.node.presence.setAudiences({ machine: {}, network: {} })
    await until(() => a.node.editorsOf('repo\nsrc/a.ts').length === 0, 'the end of it')
  })

  it('is not found while it hides [R43]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    b.node.presence.setAudiences(editing('f'))
    await lab.meet(a, b)
    expect(a.node.editorsOf('f')).toHaveLength(1)
    await b.node.presence.setHidden(true)
    await until(() => a.node.editorsOf('f').length === 0, 'hidden')
  })
})

describe('a session that hides', () => {
  it('is in no list, here or away, and who knows it can still write to it [R43]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    await b.node.presence.setHidden(true)
    await until(() => a.node.peers().length === 0, 'bob is hidden')
    expect(a.node.groups()[0]?.members).toEqual([])
    expect(a.node.status()).toMatchObject({ peersHere: 0, peersKnown: 0, peersHidden: 1 })
    expect(a.node.roster()).toEqual({ peers: [], silent: 0, hidden: 1 })
    expect((await a.say('are you there?', { to: 'bob' })).recipients[0]?.state).toBe('received')
    expect(b.focuses()).toEqual(['are you there?'])
    await b.stop()
    await until(() => a.db.get('SELECT hidden FROM peer')?.['hidden'] === 1, 'its leave, with its wish')
    expect(a.node.peers()).toEqual([])
    await a.stop()
    expect((await lab.start('alice')).node.peers()).toEqual([])
  })

  it('is not seen for a moment when it comes, and is seen when it shows itself [R43]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await b.node.presence.setHidden(true)
    lab.introduce(a, b)
    await until(() => b.node.status().peersHere === 1, 'the link')
    await turns(10)
    expect(a.events.filter(({ kind }) => kind === 'peer-here')).toEqual([])
    await b.node.presence.setHidden(false)
    await until(() => seen(a, 'bob')?.isHere === true, 'bob is seen')
  })
})
