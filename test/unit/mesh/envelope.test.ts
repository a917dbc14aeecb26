import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Attacker } from '../../support/attacker.ts'
import { alice, carol, cmbOf, fingerprint, Lab, PORT, until } from '../../support/mesh.ts'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

const id = `asrt-${'1'.repeat(64)}`

async function attacked() {
  const victim = await lab.start('bob')
  const transport = lab.network.transport('mallory')
  const attacker = await Attacker.connect({ transport, address: { kind: 'lan', host: 'bob', port: PORT }, keys: carol })
  return { victim, attacker }
}

describe('the envelope of a message', () => {
  it('stands with it in the inbox, and still after a restart [R53]', async () => {
    const { victim, attacker } = await attacked()
    const chain = [fingerprint(alice), fingerprint(carol)]
    attacker.sendCmb(cmbOf(carol, 'and then?', { createdAt: lab.clock.now() }), {
      envelope: { thread: id, replyTo: id, hop: 2, auto: true, chain, question: { until: 5 }, wake: true },
    })
    await until(() => victim.inbox().length === 1, 'it arrived')
    const expected = { thread: id, replyTo: id, hop: 2, isAuto: true, isHuman: false, question: { until: 5 }, wake: true }
    expect(victim.inbox()[0]).toMatchObject(expected)
    await victim.stop()
    const again = await lab.start('bob')
    expect(again.inbox()[0]).toMatchObject(expected)
  })

  it('that was left out is one of a message said by itself', async () => {
    const { victim, attacker } = await attacked()
    const cmb = cmbOf(carol, 'hello', { createdAt: lab.clock.now() })
    attacker.sendCmb(cmb)
    await until(() => victim.inbox().length === 1, 'it arrived')
    expect(victim.inbox()[0]).toMatchObject({ thread: cmb.id, hop: 0, isAuto: true, isHuman: false, wake: false })
    expect(victim.inbox()[0]?.replyTo).toBeUndefined()
  })

  it('whose chain ends with somebody else is refused with the message', async () => {
    const { victim, attacker } = await attacked()
    const envelope = { hop: 1, auto: true, chain: [fingerprint(carol), fingerprint(alice)] }
    attacker.sendCmb(cmbOf(carol, 'not mine', { createdAt: lab.clock.now() }), { envelope })
    await attacker.sync()
    await until(() => victim.node.status().counters['cmb-wrong-chain'] === 1, 'it was counted')
    expect(victim.inbox()).toEqual([])
  })
})
