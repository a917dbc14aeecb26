import { describe, expect, it } from 'vitest'
import { strangersAmong } from '../../../server/src/app/variables.ts'

describe('variables that nothing reads', () => {
  it('are named with the nearest that exists; ours, empty ones and those of others are not', () => {
    const env = {
      SYM_GORUP: 'a',
      SYM_PEER: 'b',
      SYM_SOMETHING_ELSE: 'c',
      SYM_EMPTY: '',
      SYM_GROUP: 'd',
      SYM_RELAY_URL: 'e',
      GROUP: 'f',
      SYMPHONY: 'g',
    }
    expect(strangersAmong(env)).toEqual([
      { name: 'SYM_GORUP', nearest: 'SYM_GROUP' },
      { name: 'SYM_PEER', nearest: 'SYM_PEERS' },
      { name: 'SYM_SOMETHING_ELSE', nearest: undefined },
    ])
  })
})
