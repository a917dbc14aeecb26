import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { watchParent } from '../../../server/src/app/parent-watch.ts'
import { FakeClock } from '../../support/fake-clock.ts'

describe('the watch over the session', () => {
  function watch(parentPid: number, current: () => number = () => parentPid) {
    const clock = new FakeClock()
    const told: number[] = []
    const stop = watchParent({ clock, parentPid, currentParentPid: current, onGone: () => told.push(clock.monotonic()) })
    return { clock, told, stop }
  }

  it('says nothing while the parent lives, and nothing after it was ended [R40]', async () => {
    const { clock, told, stop } = watch(process.pid)
    clock.advance(60_000)
    expect(told).toEqual([])
    await stop()
    expect(clock.pending).toBe(0)
  })

  it('says once, within 10 s, that the parent has another id [R39] [R40]', () => {
    let parent = process.pid
    const { clock, told } = watch(process.pid, () => parent)
    clock.advance(5_000)
    parent = 1
    clock.advance(60_000)
    expect(told).toHaveLength(1)
    expect(told[0]).toBeLessThan(15_000)
    expect(clock.pending).toBe(0)
  })

  it('says that it is dead, where an orphan keeps the id of its parent [R39] [R40]', async () => {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
    await once(child, 'exit')
    const { clock, told } = watch(child.pid ?? 0)
    clock.advance(10_000)
    expect(told).toHaveLength(1)
  })
})
