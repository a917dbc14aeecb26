/** What every source of candidates promises. Each implementation runs this suite from a short file of its own. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Announcement, Candidate, Discovery, DiscoveryEvents } from '../../server/src/discovery/discovery.ts'

export interface DiscoverySetup {
  readonly discovery: Discovery
  /** What the other node is found as; undefined ids where the source does not know them. */
  readonly nodeId: string | undefined
  /** Makes the other node appear; `disappear` is left out where a source never loses anybody. */
  appear(): Promise<void> | void
  disappear?(): Promise<void> | void
  teardown(): Promise<void>
}

export const OWN_ID = '0197a000-0000-7000-8000-00000000000a'
export const OTHER_ID = '0197a000-0000-7000-8000-00000000000b'

export const announcementOf = (nodeId: string, port: number): Announcement => ({
  nodeId,
  name: 'node',
  publicKey: '',
  hostname: 'host',
  groups: ['default'],
  serviceType: undefined,
  port,
})

/** Records what was told, and lets a test wait for it. */
export class Told implements DiscoveryEvents {
  readonly found: Candidate[] = []
  readonly lost: string[] = []
  #waiting: (() => void)[] = []

  readonly onFound = (candidate: Candidate) => {
    this.found.push(candidate)
    this.#wake()
  }
  readonly onLost = (id: string) => {
    this.lost.push(id)
    this.#wake()
  }

  async until(isDone: (told: Told) => boolean): Promise<void> {
    while (!isDone(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

export function discoveryContract(name: string, setup: () => Promise<DiscoverySetup>): void {
  describe(`discovery: ${name}`, () => {
    let environment: DiscoverySetup
    let told: Told

    beforeEach(async () => {
      environment = await setup()
      told = new Told()
    })
    afterEach(async () => {
      await environment.discovery.stop()
      await environment.teardown()
    })

    const start = () => environment.discovery.start(announcementOf(OWN_ID, 40_000), told)

    it('finds who was there before, with an address to try', async () => {
      await environment.appear()
      await start()
      await told.until(({ found }) => found.length > 0)
      expect(told.found[0]).toMatchObject({ nodeId: environment.nodeId })
      expect(told.found[0]?.addresses.length).toBeGreaterThan(0)
    })

    it('tells of everybody again, under the same id, when asked', async () => {
      await environment.appear()
      await start()
      await told.until(({ found }) => found.length > 0)
      const [first] = told.found.splice(0)
      environment.discovery.refresh()
      await told.until(({ found }) => found.length > 0)
      expect(told.found[0]?.id).toBe(first?.id)
    })

    it('never finds itself', async () => {
      await environment.appear()
      await start()
      environment.discovery.update(announcementOf(OWN_ID, 40_000))
      await told.until(({ found }) => found.length > 0)
      expect(told.found.filter(({ nodeId }) => nodeId === OWN_ID)).toEqual([])
    })

    it('finds who comes later, and loses who leaves', async (context) => {
      if (environment.disappear === undefined) return context.skip('this source never loses anybody')
      await start()
      await environment.appear()
      await told.until(({ found }) => found.length > 0)
      await environment.disappear()
      await told.until(({ lost }) => lost.length > 0)
      expect(told.lost[0]).toBe(told.found[0]?.id)
    })

    it('is healthy, and silent after it stopped', async () => {
      await environment.appear()
      await start()
      await told.until(({ found }) => found.length > 0)
      expect(environment.discovery.health().problem).toBeUndefined()
      await environment.discovery.stop()
      await environment.discovery.stop()
      const count = told.found.length
      environment.discovery.refresh()
      await environment.disappear?.()
      await new Promise((resolve) => setImmediate(resolve))
      expect([told.found.length, told.lost.length]).toEqual([count, 0])
    })
  })
}
