import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson } from '@unefois/proto/canonical-json'
import {
  type AuthorisationClaims,
  authorisationType,
  type FederationClaims,
  federationListType,
  type IdentityProvider,
  type Member,
} from '@unefois/proto/federation-list'
import { importPrivateKey, type PrivateKey } from '@unefois/proto/keys'
import { signToken } from '@unefois/proto/token'
import type { FederationPlan } from './plan.js'

const daySeconds = 24 * 3600

const readKey = (path: string): PrivateKey => importPrivateKey(JSON.parse(readFileSync(path, 'utf8')))

/** The hash by which the list names a schema. */
export const schemaSha256 = (plan: FederationPlan, evidenceType: string): string => {
  const schema = JSON.parse(readFileSync(join(plan.folder, 'evidence-types', `${evidenceType}.json`), 'utf8'))
  return createHash('sha256').update(canonicalJson(schema)).digest('base64url')
}

const signAuthorisation = (
  plan: FederationPlan['authorisations'][number],
  providerKeyPath: string,
  nowSeconds: number,
): string => {
  const { provider, maximumAgeDays, retentionDays, ...rest } = plan
  const claims: AuthorisationClaims = {
    ...rest,
    iss: provider,
    maximumAgeSeconds: maximumAgeDays * daySeconds,
    retentionSeconds: retentionDays * daySeconds,
    iat: nowSeconds,
    nbf: nowSeconds - 60,
    exp: nowSeconds + 365 * daySeconds,
  }
  return signToken(authorisationType, claims, readKey(providerKeyPath))
}

/** What the signer needs beyond the plan. */
export interface Listing {
  readonly members: readonly Member[]
  readonly identityProviders: readonly IdentityProvider[]
  readonly signerKeyPath: string
  /** Where each provider keeps its key of use `authorisation`. */
  readonly authorisationKeyPath: (provider: string) => string
  readonly serial: number
  readonly nowSeconds: number
}

/** The signed federation list (typ federation-list+jws), valid for 24 hours: of what the plan says, what its members provide. */
export const signFederationList = (plan: FederationPlan, listing: Listing): string => {
  const { nowSeconds } = listing
  const isMember = (id: string): boolean => plan.agencies.some((member) => member.id === id)
  const claims: FederationClaims = {
    iss: plan.signer,
    federation: plan.federation,
    serial: listing.serial,
    iat: nowSeconds,
    exp: nowSeconds + daySeconds,
    members: [...listing.members],
    evidenceTypes: plan.evidenceTypes.map((type) => ({
      ...type,
      providers: type.providers.filter(isMember),
      schemaSha256: schemaSha256(plan, type.id),
    })),
    purposes: plan.purposes,
    declarations: plan.declarations
      .map((kind) => ({ ...kind, receivers: kind.receivers.filter(({ member }) => isMember(member)) }))
      .filter(({ receivers }) => receivers.length > 0),
    identityProviders: [...listing.identityProviders],
    authorisations: plan.authorisations
      .filter(({ provider, requester }) => isMember(provider) && isMember(requester))
      .map((each) => signAuthorisation(each, listing.authorisationKeyPath(each.provider), nowSeconds)),
  }
  return signToken(federationListType, claims, readKey(listing.signerKeyPath))
}
