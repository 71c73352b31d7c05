import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Places } from '@unefois/deploy/sandbox/places'
import {
  type AuthorisationClaims,
  authorisationType,
  type FederationClaims,
  federationListType,
} from '@unefois/proto/federation-list'
import type { MemberId } from '@unefois/proto/ids'
import { importPrivateKey } from '@unefois/proto/keys'
import { signToken } from '@unefois/proto/token'
import { vi } from 'vitest'
import { compactOf, keyAt, kidAt, nowSeconds } from './_forgeries.js'
import { evidenceType, fund, stranger, told } from './_resident.js'

const daySeconds = 86_400
const privateKey = (path: string) => importPrivateKey(JSON.parse(readFileSync(path, 'utf8')))

/** What the fund never agreed to: that a town without any authorisation may have its evidence. */
const authorisation = (purpose: string): AuthorisationClaims => ({
  iss: fund as MemberId,
  id: `forged-${purpose}`,
  requester: stranger as MemberId,
  evidenceType,
  purpose,
  fields: ['quotient_familial.valeur'],
  predicates: [],
  mode: 'information',
  legalReference: 'none',
  habilitation: 'none',
  maximumAgeSeconds: 400 * daySeconds,
  retentionSeconds: daySeconds,
  predicatesPerDay: 1,
  iat: nowSeconds(),
  nbf: nowSeconds() - 60,
  exp: nowSeconds() + daySeconds,
})

/** By whom the authorisation is signed instead of the fund; none of them may open anything. */
const forgedAuthorisations = (places: Places): string[] => {
  const signed = (path: string) => signToken(authorisationType, authorisation(told), privateKey(path))
  const header = { alg: 'EdDSA', kid: kidAt(places.keys(fund).authorisation.path), typ: 'authorisation+jws' }
  return [
    signed(places.keys(stranger).authorisation.path),
    signed(places.signer.key.path),
    compactOf(header, { ...authorisation(told) }, keyAt(places.signer.key.path)),
    // The fund's own key, but one that is for notices.
    signed(places.keys(fund).statement.path),
  ]
}

/** How often the fund's documents service said that it left an authorisation out. */
const leftOut = (places: Places): number =>
  readFileSync(join(places.directory, 'logs', `${fund}.log`), 'utf8')
    .split('\n')
    .filter((line) => line.includes('was left out') && line.includes('"documents"')).length

/**
 * Publishes the list as its signer would if it wanted to enrol a town into the fund's data by itself, next to one
 * authorisation for `signedPurpose` that the fund did sign. Answers a wait for the fund to have read it: members look for
 * another list every 30 seconds.
 */
export const publishCorruptList = (places: Places, signedPurpose: string): (() => Promise<void>) => {
  const { claims } = places.list()
  const forged = forgedAuthorisations(places)
  const [first] = claims.purposes
  const list: FederationClaims = {
    ...claims,
    serial: claims.serial + 1,
    iat: nowSeconds(),
    exp: nowSeconds() + daySeconds,
    purposes: [...claims.purposes, ...(first ? [{ ...first, id: signedPurpose }] : [])],
    authorisations: [
      ...claims.authorisations,
      signToken(authorisationType, authorisation(signedPurpose), privateKey(places.keys(fund).authorisation.path)),
      ...forged,
    ],
  }
  const before = leftOut(places)
  writeFileSync(places.signer.listPath, signToken(federationListType, list, privateKey(places.signer.key.path)))
  return () =>
    vi.waitFor(
      () => {
        if (leftOut(places) < before + forged.length) throw new Error('the fund has not read the list')
      },
      { timeout: 45_000, interval: 200 },
    )
}
