import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { html } from './html.js'

const decoded = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '/', 'script', 'lt;', '=', ' ', '{', '$') }),
)

describe('html', () => {
  it('lets no value out of the text or the quoted attribute where it stands', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const { text } = html`<p title="${value}">${value}</p>`
        const [, attribute = '', content = ''] = /^<p title="([^"<>']*)">([^<>"']*)<\/p>$/.exec(text) ?? []
        expect(decoded(attribute)).toBe(value)
        expect(decoded(content)).toBe(value)
      }),
    )
  })

  it('escapes inside lists too, and keeps what is already html', () => {
    expect(html`<ul>${['<', html`<li>&amp;</li>`, [undefined, 3]]}</ul>`.text).toBe('<ul>&lt;<li>&amp;</li>3</ul>')
  })

  it('takes nobody’s word for being html', () => {
    const forged = { text: '<script>' } as never
    expect(() => html`${forged}`).toThrow(TypeError)
  })
})
