import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decrypt, encrypt } from './cipher.js'

const key = randomBytes(32)
const text = Buffer.from('what is kept')
const sealed = encrypt(key, text, 'row 1')

describe('the cipher at rest', () => {
  it('refuses content that was moved to another row', () => {
    expect(() => decrypt(key, sealed, 'row 2')).toThrow()
  })

  it('refuses another key', () => {
    expect(() => decrypt(randomBytes(32), sealed, 'row 1')).toThrow()
  })

  it('refuses each changed byte', () => {
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] as number) ^ 1
      expect(() => decrypt(key, changed, 'row 1')).toThrow()
    }
  })

  it('refuses content cut short, also to a true tag so short that it could be guessed', () => {
    for (const whole of [sealed, encrypt(key, Buffer.alloc(0), 'row 1')])
      for (let length = 0; length < whole.length; length++)
        expect(() => decrypt(key, whole.subarray(0, length), 'row 1')).toThrow()
  })

  it('opens what it made, and makes it differently each time', () => {
    expect(decrypt(key, sealed, 'row 1')).toEqual(text)
    expect(encrypt(key, text, 'row 1')).not.toEqual(sealed)
  })
})
