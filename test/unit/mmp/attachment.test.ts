import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../server/src/base/bytes.ts'
import { safeJoin } from '../../../server/src/base/files.ts'
import { LIMITS } from '../../../server/src/base/limits.ts'
import { openBeside, packAttachment, safeFileName } from '../../../server/src/mmp/attachment.ts'

const file = (text: string, name = 'notes.md') => ({ name, bytes: utf8(text) })

describe('an attachment', () => {
  test.prop([fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }), fc.uint8Array({ maxLength: 2_000 })])(
    'comes back byte for byte, and the body with it [R56]',
    (body, bytes) => {
      const opened = openBeside(packAttachment(body, { name: 'a.bin', bytes }).bytes)
      expect(opened.body).toBe(body)
      expect(opened.attachment?.name).toBe('a.bin')
      expect(Buffer.from(opened.attachment?.bytes ?? []).equals(Buffer.from(bytes))).toBe(true)
    },
  )

  it('is never made of words that only begin like one', () => {
    for (const text of [
      'mesh-attachment-v1\n',
      'mesh-attachment-v1\n{}\nx',
      'mesh-attachment-v1\n{"name":"a","body":-1,"bytes":9}\nx',
      'hello',
    ])
      expect(openBeside(utf8(text))).toEqual({ body: text, attachment: undefined })
    expect(openBeside(undefined)).toEqual({ body: undefined, attachment: undefined })
  })

  it('has a size and a name, and says so before it is sent', () => {
    expect(() => packAttachment(undefined, file('x'.repeat(LIMITS.attachment.maxBytes + 1)))).toThrow(
      /the limit is 32768; nothing was sent/,
    )
    expect(() => packAttachment(undefined, file('x', '../..//'))).toThrow(/has no name/)
    expect(openBeside(packAttachment('b', file('x', '/home/me/.ssh/id')).bytes).attachment?.name).toBe('id')
  })

  test.prop([
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('..', '../../etc/passwd', 'con', 'nul.txt', '.bashrc', 'a\0b', 'C:\\x', 'x.')),
  ])('is saved under a name that stays in its folder, whatever it is called [R56]', (name) => {
    const safe = safeFileName('m0123456789abcdef', name)
    expect(safe).toMatch(/^m0123456789abcdef-[A-Za-z0-9._-]+$/)
    expect(safeJoin('/place', safe)).toBe(`/place/${safe}`)
  })
})
