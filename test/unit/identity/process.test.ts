import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { isAlive, isSameProcess, livingOf, startedAtMs, startTimeOf } from '../../../server/src/identity/process.ts'

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  return child.pid ?? 0
}

describe('a process that left a record', () => {
  it('is gone when its id is [R38]', async () => {
    const pid = await deadPid()
    expect(isAlive(pid)).toBe(false)
    expect(await isSameProcess(pid, null)).toBe(false)
    expect(await startTimeOf(pid)).toBeUndefined()
  })

  it('is the same one when it lives and started when it says [R38]', async () => {
    expect(await isSameProcess(process.pid, await startTimeOf(process.pid))).toBe(true)
  })

  it.runIf(process.platform === 'linux')('is another one when it started at another time [R38]', async () => {
    expect(await isSameProcess(process.pid, '1')).toBe(false)
  })

  it('is judged by life alone where no start time was captured [R38]', async () => {
    expect(await isSameProcess(process.pid, null)).toBe(true)
    expect(await isSameProcess(process.pid, undefined)).toBe(true)
  })

  it.runIf(process.platform === 'linux')('is judged together with all others: dead, same start, other start, no start [R38]', async () => {
    const start = (await startTimeOf(process.pid)) ?? null
    const [dead, same, other, unknown] = [
      { pid: await deadPid(), start },
      { pid: process.pid, start },
      { pid: process.pid, start: '1' },
      { pid: process.pid, start: null },
    ]
    expect(await livingOf([dead, same, other, unknown])).toEqual([same, unknown])
    expect(await livingOf([])).toEqual([])
  })

  it('is never found under an id that is none', () => {
    for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 40]) expect(isAlive(pid)).toBe(false)
  })

  it.runIf(process.platform === 'linux')('started about when this process did', async () => {
    const started = (await startedAtMs(process.pid)) ?? 0
    expect(Math.abs(started - (Date.now() - process.uptime() * 1_000))).toBeLessThan(3_000)
  })
})
