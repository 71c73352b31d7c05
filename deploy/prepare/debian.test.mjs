import { describe, expect, it } from 'vitest'
import { debianSource, parseSources } from './debian.mjs'

const LINES = `
# deb http://old.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/other.gpg] https://packages.example/other nodistro main
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian bookworm-security main
deb [signed-by=/usr/share/keyrings/debian.gpg] http://mirror.example/debian bookworm main contrib # ours
`

const STANZAS = `
Types: deb
URIs: https://packages.example/other
Suites: nodistro
Components: main

Enabled: no
Types: deb
URIs: http://old.example/debian
Suites: bookworm
Components: main

Types: deb deb-src
# the nearest
URIs: http://mirror.example/debian http://second.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEYCQjIxYJKwYBBAHaRw8BAQdAD
`

describe("the machine's own Debian source", () => {
  it('is none when only others are there', () => {
    expect(debianSource(parseSources(LINES, 'lines').slice(0, 2), 'bookworm')).toBeUndefined()
    expect(debianSource(parseSources(STANZAS, 'deb822'), 'trixie')).toBeUndefined()
  })

  it('is found among lines', () => {
    expect(debianSource(parseSources(LINES, 'lines'), 'bookworm')).toEqual({
      uri: 'http://mirror.example/debian',
      suites: ['bookworm'],
      components: ['main', 'contrib'],
      signedBy: '/usr/share/keyrings/debian.gpg',
    })
  })

  it('is found among stanzas, with the key that a stanza holds', () => {
    const { uri, signedBy } = debianSource(parseSources(STANZAS, 'deb822'), 'bookworm')
    expect(uri).toBe('http://mirror.example/debian')
    expect(signedBy).toContain('\n mDMEYCQjIxYJKwYBBAHaRw8BAQdAD')
  })
})
