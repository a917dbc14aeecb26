import { describe, expect, it } from 'vitest'
import { systemRandom } from '../../../server/src/base/clock.ts'
import { lockVault, openVault } from '../../../server/src/secure/vault.ts'

const PASSPHRASE = 'correct horse battery'
const SECRET = '{"privateKey":"canary-of-the-key"}'

describe('a vault', () => {
  const content = lockVault(SECRET, PASSPHRASE, systemRandom)

  it('gives back what was put in, for the passphrase and for it alone [R27]', () => {
    expect(openVault(content, PASSPHRASE)).toEqual({ kind: 'ok', text: SECRET })
    expect(openVault(content, `${PASSPHRASE} `)).toEqual({ kind: 'rejected', rule: 'wrong-passphrase' })
    expect(content).not.toContain('canary')
  })

  it('takes a passphrase of twelve characters and no shorter one', () => {
    expect(() => lockVault(SECRET, 'elevenchars', systemRandom)).toThrow(/at least 12/)
  })

  it('with a changed byte does not open', () => {
    const parsed: Record<string, string> = JSON.parse(content)
    const box = parsed['box'] ?? ''
    const changed = { ...parsed, box: `${box.slice(0, 20)}${box[20] === 'A' ? 'B' : 'A'}${box.slice(21)}` }
    expect(openVault(JSON.stringify(changed), PASSPHRASE)).toMatchObject({ kind: 'rejected' })
  })

  it.each(['', '{}', 'null', '{"format":"sym-mesh-vault-v1"}', `${content}x`, content.replace('vault-v1', 'vault-v9')])(
    'is not %j',
    (text) => {
      expect(openVault(text, PASSPHRASE)).toEqual({ kind: 'rejected', rule: 'no-vault' })
    },
  )

  it('opens however the keyboard composes its letters', () => {
    const umlaut = lockVault(SECRET, 'gro\u0308\u00dfe und breite', systemRandom)
    expect(openVault(umlaut, 'gr\u00f6\u00dfe und breite')).toMatchObject({ kind: 'ok' })
  })
})
