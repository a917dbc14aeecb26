import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromUtf8 } from '../../../server/src/base/bytes.ts'
import { Lab, type TestNode, until } from '../../support/mesh.ts'

let lab: Lab
beforeEach(() => {
  lab = new Lab()
})
afterEach(() => lab.close())

const has = (node: TestNode, id: string) => until(() => node.inbox().some((item) => item.id === id), 'it arrived')

describe('a message with an attachment', () => {
  it('brings it sealed and signed with the words, found by its name, also after a restart [R56]', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    const text = 'diff --git a/x b/x\n+ one\n'
    const sent = await a.say('the patch', { to: 'bob', body: 'please look', attach: { name: 'fix.patch', text } })
    await has(b, sent.id)
    await b.stop()
    const again = await lab.start('bob')
    expect(again.inbox()[0]).toMatchObject({ body: 'please look', attachment: { name: 'fix.patch', size: text.length } })
    const found = again.node.attachment(sent.shortId)
    expect([found?.name, found?.shortId, fromUtf8(found?.bytes ?? new Uint8Array())]).toEqual(['fix.patch', sent.shortId, text])
    expect(again.node.recollection.search({ text: 'patch', limit: 5, offset: 0 })).toHaveLength(1)
    expect(again.node.attachment('m0000000000000000')).toBeUndefined()
  })

  it('that holds a secret is refused, and nothing is sent', async () => {
    const [a, b] = [await lab.start('alice'), await lab.start('bob')]
    await lab.meet(a, b)
    const text = `token=ghp_${'aB3dE5gH7jK9'.repeat(3)}`
    await expect(a.say('see the file', { attach: { name: '.env', text } })).rejects.toThrow(
      'the attachment seems to hold an access token; nothing was sent',
    )
    expect(b.inbox()).toEqual([])
  })
})
