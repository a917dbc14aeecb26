/** The pass that an invite carries in the place of a relay's token. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hintOf, mintRelayPass, readRelayPass } from '../../../server/src/mmp/relay-pass.ts'
import { relayGroupOf } from '../../../server/src/mmp/relay-proof.ts'
import { relayRoomOf } from '../../../server/src/mmp/relay-room.ts'
import { Tokens } from '../../../server/src/relay/admission.ts'

const TOKEN = 'the-token-of-the-team'
const ROOM = relayRoomOf('private:00112233445566778899aabbccddeeff')
const UNTIL = 1_790_000_000_000
const pass = mintRelayPass(TOKEN, ROOM, UNTIL)
const nobodyHere = () => undefined

describe('a pass for a relay', () => {
  it('comes into the group of its token until it ends, and says nothing of the token [R93]', () => {
    const tokens = new Tokens(['another-token-of-others', TOKEN])
    const group = relayGroupOf(TOKEN)
    expect(tokens.admit(pass, UNTIL, nobodyHere)).toEqual({ group, guest: { room: ROOM, until: UNTIL } })
    expect(tokens.admit(TOKEN, UNTIL, nobodyHere)).toEqual({ group, guest: undefined })
    expect(tokens.admit(pass, UNTIL + 1, nobodyHere)).toBeUndefined()
    expect(new Tokens(['another-token-of-others']).admit(pass, 0, nobodyHere)).toBeUndefined()
    expect(pass).not.toContain(TOKEN)
    expect(pass).not.toContain(group)
  })

  it('finds the group of an open relay while somebody of it is there, and no other', () => {
    const group = relayGroupOf(TOKEN)
    const open = new Tokens([])
    expect(open.admit(pass, 0, (hint) => (hint === hintOf(group) ? group : undefined))).toEqual({
      group,
      guest: { room: ROOM, until: UNTIL },
    })
    expect(open.admit(pass, 0, nobodyHere)).toBeUndefined()
    // Whoever answers for a hint, the pass opens its own group alone.
    expect(open.admit(pass, 0, () => relayGroupOf('other'))).toBeUndefined()
  })

  it('that was changed anywhere opens nothing, and a token of any text is none', () => {
    const tokens = new Tokens([TOKEN])
    fc.assert(
      fc.property(fc.nat(pass.length - 1), fc.constantFrom(...'0123456789abcdefgZ_-.'), (at, letter) => {
        const edited = `${pass.slice(0, at)}${letter}${pass.slice(at + 1)}`
        if (edited !== pass) expect(tokens.admit(edited, 0, nobodyHere)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readRelayPass(text)).toBeUndefined()
      }),
    )
  })
})
