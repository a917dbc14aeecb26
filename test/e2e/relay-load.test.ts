/**
 * Many messages over a relay while it and both sessions are killed at random: each that was acknowledged arrives once.
 * `SYM_LOAD_MESSAGES` sets how many (100,000 take about half an hour on two cores), `SYM_LOAD_SEED` when who is killed.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { type RelayProcess, Relays, TOKEN } from '../support/relay.ts'
import type { ServerProcess } from '../support/server.ts'
import { FAST, type Home, met, Sessions, seeded } from '../support/sessions.ts'

const TOTAL = Number(process.env['SYM_LOAD_MESSAGES'] ?? 2_000)
const random = seeded(Number(process.env['SYM_LOAD_SEED'] ?? 5))
/** Sent between two looks at what arrived: an inbox takes 2,000 unread ones from one peer. */
const ROUND = 1_000
const IN_FLIGHT = 32
const KILLS_PER_ROUND = 2
const FASTER = { ...FAST, contextItemsPerMinute: 1_000_000, contextTokensPerMinute: 1_000_000_000 }

const relays = new Relays()
const sessions = new Sessions()
afterAll(async () => {
  await sessions.end()
  await relays.end()
})

/** A session that is killed and comes back under the same identity. */
class Person {
  readonly name: string
  readonly #home: Home
  readonly #url: () => string
  /** Words that arrived, and how often. */
  readonly arrived = new Map<string, number>()
  #server: Promise<ServerProcess>
  #lastSeq = 0

  constructor(name: string, url: () => string) {
    this.name = name
    this.#url = url
    this.#home = sessions.home({ rates: FASTER })
    this.#server = this.#start()
  }

  /** Once it is up again, if it was killed. */
  get server(): Promise<ServerProcess> {
    return this.#server
  }

  async kill(): Promise<void> {
    const server = await this.#server
    this.#server = server.kill().then(() => this.#start())
    await this.#server
  }

  /** Reads what is new, and has it shown, so that there is room for more. */
  async collect(): Promise<void> {
    const server = await this.#server
    const seqs: number[] = []
    for (let before: number | undefined; ; ) {
      const page = await this.#page(server, before)
      const fresh = page.filter(({ seq }) => seq > this.#lastSeq)
      for (const { fields } of fresh) this.arrived.set(fields.focus.text, (this.arrived.get(fields.focus.text) ?? 0) + 1)
      seqs.push(...fresh.map(({ seq }) => seq))
      before = page.at(-1)?.seq
      if (fresh.length < page.length || page.length === 0) break
    }
    this.#lastSeq = Math.max(this.#lastSeq, ...seqs)
    while ((await server.status()).inbox.unread > 0) await server.call('sym_inbox', { limit: 50 })
  }

  async #page(server: ServerProcess, before: number | undefined): Promise<readonly { seq: number; fields: { focus: { text: string } } }[]> {
    const answer = await server.ask('inbox', { limit: 200, ...(before === undefined ? {} : { before }) })
    if ('error' in answer) throw new Error(answer.error.message)
    return answer.ok as never
  }

  #start(): Promise<ServerProcess> {
    return sessions.start(this.#home, this.name, {
      env: { SYM_NODE_NAME: this.name, SYM_RELAY_URL: this.#url(), SYM_RELAY_TOKEN: TOKEN },
    })
  }
}

/** Until it is acknowledged: with the same key it is one message, however often it was asked. */
async function say(from: Person, to: Person, n: number): Promise<void> {
  const request = { fields: { focus: `m${n}` }, to: to.name, tags: ['message'], key: `key-${n}`, origin: 'person' }
  for (;;) {
    const answer = await from.server.then((server) => server.ask('send', request)).catch(() => undefined)
    if (answer && 'ok' in answer) return
    // It was killed, had not begun, or is asked more often than it answers; nobody expects anything else here.
    if (answer && !['closed', 'unreachable', 'limit-exceeded'].includes(answer.error.code)) throw new Error(JSON.stringify(answer.error))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('messages over a relay', () => {
  it(
    `${TOTAL} of them, with the relay and both sessions killed at random: none is lost, none doubled [R70] [R113] [B5]`,
    async () => {
      let relay: RelayProcess = await relays.start()
      const { state, port } = relay
      const people = ['ann', 'ben'].map((name) => new Person(name, () => relay.url)) as [Person, Person]
      await met(await people[0].server, await people[1].server)

      const killOne = async (): Promise<void> => {
        const victim = Math.floor(random() * 3)
        if (victim < 2) return people[victim]?.kill()
        await relay.kill()
        relay = await relays.start({ state, port })
        // What a person may do who does not want to wait: a relay that is lost this often is left alone for minutes.
        for (const person of people) await (await person.server).ask('reconnect').catch(() => {})
      }

      for (let begun = 0; begun < TOTAL; begun += ROUND) {
        const end = Math.min(TOTAL, begun + ROUND)
        const kills = Array.from({ length: KILLS_PER_ROUND }, () => begun + Math.floor(random() * (end - begun)))
        let next = begun
        let killing = Promise.resolve()
        const worker = async (): Promise<void> => {
          for (let n = next++; n < end; n = next++) {
            if (kills.includes(n)) killing = killing.then(killOne)
            await say(people[n % 2 === 0 ? 0 : 1], people[n % 2 === 0 ? 1 : 0], n)
          }
        }
        await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
        await killing
        for (const person of people)
          await (await person.server).statusUntil(({ outbox }) => outbox.waiting === 0, `all of ${person.name} is received`, 180_000)
        for (const person of people) await person.collect()
        if (TOTAL > 10_000 && end % 10_000 === 0) process.stderr.write(`${new Date().toISOString()} ${end} messages\n`)
      }

      const counts = new Map([...people[0].arrived, ...people[1].arrived])
      expect(people.map(({ arrived }) => arrived.size)).toEqual([Math.floor(TOTAL / 2), Math.ceil(TOTAL / 2)])
      expect(Array.from({ length: TOTAL }, (_, n) => `m${n}`).filter((word) => counts.get(word) !== 1)).toEqual([])
      expect((await relay.metrics()).get('bugs_total')).toBe(0)
      for (const person of people) {
        const { counters } = await (await person.server).status()
        expect(Object.keys(counters).filter((name) => name.startsWith('bug-'))).toEqual([])
      }
    },
    60_000 + TOTAL * 60,
  )
})
