import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EphemeralKeys } from './ephemeral-keys.js'
import type { BasisId, MemberId, SubjectId } from './ids.js'
import { encryptTo, OpeningKeys } from './jwe.js'
import { generateKeyPair, importPrivateKey, registerPublicKey } from './keys.js'
import { MeshError } from './reasons.js'
import {
  issueSealedSubject,
  issueSubjectTicket,
  openSealedSubject,
  openSubjectTicket,
  type SealedSubject,
  type SubjectTicket,
  sealedSubject,
  subjectTicket,
  ticketMisuse,
} from './subject-ticket.js'
import { signToken } from './token.js'

const [authority, provider, requester] = ['identity-authority', 'dgfip', 'caf'] as MemberId[] as [
  MemberId,
  MemberId,
  MemberId,
]
const signPair = generateKeyPair('sign', 'ticket-1')
const memberPair = generateKeyPair('sign', 'caf-1')
const sealPair = generateKeyPair('seal', 'dgfip-seal')
const sealing = {
  signKey: importPrivateKey(signPair.privateJwk),
  to: registerPublicKey(sealPair.publicJwk),
  ephemerals: new EphemeralKeys(),
}
const nowSeconds = 1_800_000_000
const keys = [registerPublicKey(signPair.publicJwk), registerPublicKey(memberPair.publicJwk)]
const opening = {
  authority,
  audience: provider,
  openingKeys: new OpeningKeys([importPrivateKey(sealPair.privateJwk)]),
  keyOf: (issuer: string, kid: string) => (issuer === authority ? keys[0] : keys.find((key) => key.kid === kid)),
  nowSeconds,
}
const sub = `p1.1.${'a'.repeat(22)}` as SubjectId
const basis = `b1.${'b'.repeat(22)}` as BasisId
const ticket: SubjectTicket = {
  jti: 't1',
  iss: authority,
  aud: provider,
  requester,
  purpose: 'housing-benefit',
  sub,
  basis,
  acr: 'eidas2',
  auth_time: nowSeconds - 30,
  iat: nowSeconds,
  exp: nowSeconds + 3600,
}
const subject: SealedSubject = { jti: 's1', iss: authority, aud: provider, sub, basis, iat: nowSeconds }
const reason = (name: string) => expect.objectContaining({ reason: name })
const invalid = (cause: string) => expect.objectContaining({ reason: 'TICKET_INVALID', cause: reason(cause) })
const resealed = (jws: string) =>
  encryptTo(sealing.to, Buffer.from(jws), { cty: 'JWT', ephemerals: sealing.ephemerals, nowSeconds })

describe('openSubjectTicket', () => {
  it('refuses a ticket that a member signed in its own name', () => {
    const signKey = importPrivateKey(memberPair.privateJwk)
    const compact = issueSubjectTicket({ ...ticket, iss: requester }, { ...sealing, signKey })
    expect(() => openSubjectTicket(compact, opening)).toThrow(invalid('TOKEN_KEY_UNKNOWN'))
  })

  it('refuses a ticket that a member signed in the name of the authority', () => {
    const signKey = { ...importPrivateKey(memberPair.privateJwk), kid: 'ticket-1' }
    const compact = issueSubjectTicket(ticket, { ...sealing, signKey })
    expect(() => openSubjectTicket(compact, opening)).toThrow(invalid('TOKEN_SIGNATURE_INVALID'))
  })

  it('refuses a ticket for another provider that was sealed again to us', () => {
    const jws = signToken(subjectTicket, { ...ticket, aud: requester }, sealing.signKey)
    expect(() => openSubjectTicket(resealed(jws), opening)).toThrow(invalid('TOKEN_AUDIENCE_WRONG'))
  })

  it('refuses a ticket that is not sealed, is sealed to another, or is larger than 8 kB', () => {
    expect(() => openSubjectTicket(signToken(subjectTicket, ticket, sealing.signKey), opening)).toThrow(
      invalid('TOKEN_MALFORMED'),
    )
    const to = registerPublicKey(generateKeyPair('seal', 'dgfip-seal').publicJwk)
    const elsewhere = issueSubjectTicket(ticket, { ...sealing, to })
    expect(() => openSubjectTicket(elsewhere, opening)).toThrow(invalid('TOKEN_SIGNATURE_INVALID'))
    expect(() => openSubjectTicket('x'.repeat(8193), opening)).toThrow(invalid('TOKEN_MALFORMED'))
  })

  it('refuses a sealed subject in the place of a ticket, and the reverse', () => {
    expect(() => openSubjectTicket(issueSealedSubject(subject, sealing), opening)).toThrow(invalid('TOKEN_TYPE_WRONG'))
    expect(() => openSealedSubject(issueSubjectTicket(ticket, sealing), opening)).toThrow(invalid('TOKEN_TYPE_WRONG'))
  })

  it('says of an old ticket that it has expired, so that the caller asks for a new one', () => {
    const late = { ...opening, nowSeconds: ticket.exp + 60 }
    expect(() => openSubjectTicket(issueSubjectTicket(ticket, sealing), late)).toThrow(reason('TOKEN_EXPIRED'))
  })

  it('throws nothing but MeshError, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => openSubjectTicket(text, opening)).toThrow(MeshError)
        expect(() => openSubjectTicket(resealed(text), opening)).toThrow(MeshError)
      }),
    )
  })

  it('opens the same ticket as often as it comes', () => {
    const compact = issueSubjectTicket(ticket, sealing)
    expect(openSubjectTicket(compact, opening)).toEqual(ticket)
    expect(openSubjectTicket(compact, opening)).toEqual(ticket)
  })

  it('opens a ticket without login and without basis', () => {
    const { acr, auth_time, basis: _, ...plain } = ticket
    expect(openSubjectTicket(issueSubjectTicket(plain, sealing), opening)).toEqual(plain)
  })
})

describe('issueSubjectTicket', () => {
  it.each<[string, object]>([
    ['more than 24 h', { exp: nowSeconds + 24 * 3600 + 1 }],
    ['a subject that is no pseudonym', { sub: '1850675123456' }],
    ['a basis that is none', { basis: 'notice-1' }],
    ['a requester that is no member id', { requester: 'CAF' }],
    ['no purpose', { purpose: '' }],
    ['a login time that is no time', { auth_time: Number.NaN }],
  ])('refuses %s', (_, change) => {
    expect(() => issueSubjectTicket({ ...ticket, ...change }, sealing)).toThrow(TypeError)
  })

  it('shows the pseudonym to nobody but its audience', () => {
    const compact = issueSubjectTicket(ticket, sealing)
    const visible = compact.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))
    expect(visible.join()).not.toContain(sub)
    expect(visible.join()).not.toContain(requester)
  })
})

describe('openSealedSubject', () => {
  it('refuses one that would expire', () => {
    const jws = signToken(
      { ...sealedSubject, expires: 'required' },
      { ...subject, exp: nowSeconds + 60 },
      sealing.signKey,
    )
    expect(() => openSealedSubject(resealed(jws), opening)).toThrow(invalid('TOKEN_CLAIMS_INVALID'))
  })

  it('opens one years later', () => {
    const later = { ...opening, nowSeconds: nowSeconds + 5 * 365 * 86400 }
    expect(openSealedSubject(issueSealedSubject(subject, sealing), later)).toEqual(subject)
  })
})

describe('ticketMisuse', () => {
  const use = { requester, provider, purpose: ticket.purpose, basis, subject: sub }

  it.each<[string, object]>([
    ['requester', { requester: 'cpam' }],
    ['provider', { provider: 'cpam' }],
    ['purpose', { purpose: 'school-meals' }],
    ['basis', { basis: `b1.${'c'.repeat(22)}` }],
    ['person', { subject: `p1.1.${'z'.repeat(22)}` }],
    ['person under another epoch', { subject: `p1.2.${'a'.repeat(22)}` }],
    ['basis, where the use stands on none', { basis: undefined }],
  ])('finds a ticket issued for another %s', (_, change) => {
    expect(ticketMisuse(ticket, { ...use, ...change })).toBe('TICKET_MISUSED')
  })

  it('finds a ticket without a basis where one is needed', () => {
    const { basis: _, ...baseless } = ticket
    expect(ticketMisuse(baseless, use)).toBe('TICKET_MISUSED')
    expect(ticketMisuse(baseless, { ...use, basis: undefined })).toBeUndefined()
  })

  it('finds nothing wrong with a ticket used as it was issued', () => {
    expect(ticketMisuse(ticket, use)).toBeUndefined()
    expect(ticketMisuse(ticket, { requester, provider, purpose: ticket.purpose, basis })).toBeUndefined()
  })
})
