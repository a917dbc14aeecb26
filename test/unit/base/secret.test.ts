import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../../server/src/base/secret.ts'

describe('a secret', () => {
  const secret = new Secret('canary-7f3a')

  it('is seen by nobody who prints it', () => {
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
      format('%s %o %j', secret, secret, secret),
      Object.values(secret).join(),
      `${secret}!`,
      new Error('x', { cause: secret }).cause?.toString() ?? '',
    ]
    for (const text of shown) expect(text).not.toContain('canary')
    expect(secret.reveal()).toBe('canary-7f3a')
  })

  it('equals its like alone', () => {
    expect(secret.equals(new Secret('canary-7f3a'))).toBe(true)
    expect(secret.equals(new Secret('canary-7f3b'))).toBe(false)
    expect(secret.equals(new Secret(''))).toBe(false)
  })
})
