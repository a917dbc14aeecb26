import { describe, expect, it } from 'vitest'
import { OnOff } from '../../../server/src/app/on-off.ts'
import { deferred } from '../../../server/src/base/deferred.ts'
import { MeshError } from '../../../server/src/base/errors.ts'

function rig(starts: readonly (() => Promise<void> | void)[] = []) {
  const happened: string[] = []
  const logged: string[] = []
  let count = 0
  const onOff = new OnOff({
    start: async () => {
      const n = count++
      happened.push(`start ${n}`)
      await starts[n]?.()
      return {
        call: async (name) => `${name} by ${n}`,
        stop: async () => void happened.push(`stop ${n}`),
      }
    },
    writeLog: (line) => logged.push(line),
  })
  return { onOff, happened, logged }
}

const CALL = { signal: new AbortController().signal, progress() {} }

describe('the node of a session', () => {
  it('is started and stopped as the mode says, each once [R125]', async () => {
    const { onOff, happened } = rig()
    await onOff.set(true)
    await onOff.set(true)
    expect(await onOff.call('sym_status', {}, CALL)).toBe('sym_status by 0')
    await onOff.set(false)
    await onOff.set(false)
    await expect(onOff.call('sym_status', {}, CALL)).rejects.toThrow(/^The mesh is off .* sym-mesh-channel mode push/)
    await onOff.set(true)
    expect(await onOff.call('sym_status', {}, CALL)).toBe('sym_status by 1')
    expect(happened).toEqual(['start 0', 'stop 0', 'start 1'])
  })

  it('is asked when it is there: a call waits for a start, and changes wait for each other', async () => {
    const slow = deferred()
    const { onOff, happened } = rig([() => slow.promise])
    void onOff.set(true)
    const early = onOff.call('sym_peers', {}, CALL)
    const off = onOff.set(false)
    const on = onOff.set(true)
    slow.resolve()
    expect(await early).toBe('sym_peers by 0')
    await Promise.all([off, on])
    expect(happened).toEqual(['start 0', 'stop 0', 'start 1'])
  })

  it('that could not start says why by every tool, until the next change', async () => {
    const fail = () => {
      throw new MeshError('settings-invalid', 'mode: bad')
    }
    const { onOff, logged } = rig([fail, fail])
    await onOff.set(true)
    await expect(onOff.call('sym_status', {}, CALL)).rejects.toThrow(
      'The mesh node of this session could not start, so no mesh tool works.\nmode: bad',
    )
    await onOff.set(true)
    await onOff.set(true)
    expect(await onOff.call('sym_status', {}, CALL)).toBe('sym_status by 2')
    expect(logged).toHaveLength(2)
  })
})
