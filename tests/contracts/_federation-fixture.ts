/** A federation list signed by hand, with every key that its members would hold. */
import {
  type AuthorisationClaims,
  authorisationType,
  type FederationClaims,
  federationListType,
  type KeyUse,
  type Member,
} from '@unefois/proto/federation-list'
import type { MemberId } from '@unefois/proto/ids'
import {
  generateKeyPair,
  importPrivateKey,
  type PrivateJwk,
  type PrivateKey,
  type PublicJwk,
} from '@unefois/proto/keys'
import { signToken } from '@unefois/proto/token'

export interface KeyPairs {
  readonly publicJwk: PublicJwk
  readonly privateJwk: PrivateJwk
  readonly privateKey: PrivateKey
}

/** One member as a test describes it; what it leaves out is as in an ordinary agency. */
export interface MemberSketch {
  readonly id: MemberId
  /** Services with keys of their own to sign and to be sealed to. */
  readonly services: readonly string[]
  readonly roles?: Member['roles']
  readonly busKey?: string
  readonly approvedUntilSeconds?: number
}

export const both = (text: string): { fr: string; en: string } => ({ fr: `${text} (fr)`, en: text })
const memberUses = ['token', 'authorisation', 'statement', 'log', 'ticket'] as const

/** Draws keys as they are asked for, the same ones each time, and signs lists and authorisations with them. */
export class FederationFixture {
  readonly signer = 'federation-signer'
  readonly #members: readonly MemberSketch[]
  readonly #drawn = new Map<string, KeyPairs>()

  constructor(members: readonly MemberSketch[]) {
    this.#members = members
  }

  /** The keys of a member for a use, and of one of its services where the use belongs to a service. */
  keys(owner: string, use: KeyUse | 'list', service = ''): KeyPairs {
    const kid = [owner, service, use].filter(Boolean).join('.')
    const known = this.#drawn.get(kid)
    if (known) return known
    const { publicJwk, privateJwk } = generateKeyPair(use === 'seal' ? 'seal' : 'sign', kid)
    const drawn = { publicJwk, privateJwk, privateKey: importPrivateKey(privateJwk) }
    this.#drawn.set(kid, drawn)
    return drawn
  }

  /** The pinned public keys of the signer. */
  get signerKeys(): Record<string, unknown>[] {
    return [{ ...this.keys(this.signer, 'list').publicJwk }]
  }

  memberEntry({
    id,
    services,
    roles = ['agency'],
    busKey,
    approvedUntilSeconds = 4_000_000_000,
  }: MemberSketch): Member {
    return {
      id,
      name: both(id),
      roles,
      ...(busKey !== undefined && { busKey }),
      keys: [
        ...memberUses.map((use) => ({ use, jwk: { ...this.keys(id, use).publicJwk } })),
        ...services.flatMap((service) =>
          (['sign', 'seal'] as const).map((use) => ({
            use,
            service,
            jwk: { ...this.keys(id, use, service).publicJwk },
          })),
        ),
      ],
      returnUrls: [],
      hostingCountry: 'FR',
      approvedUntilSeconds,
      contact: both('contact'),
    }
  }

  /** An authorisation that its provider signed, unless another key is given. */
  authorisation(
    change: Partial<AuthorisationClaims> & Pick<AuthorisationClaims, 'iss' | 'requester' | 'iat'>,
    key = this.keys(change.iss, 'authorisation').privateKey,
  ): string {
    const claims: AuthorisationClaims = {
      id: `${change.requester}-${change.iss}`,
      evidenceType: 'thing',
      purpose: 'errand',
      fields: ['name'],
      predicates: [],
      mode: 'information',
      legalReference: 'article 1',
      habilitation: 'habilitation 1',
      maximumAgeSeconds: 86_400,
      retentionSeconds: 86_400,
      predicatesPerDay: 10,
      nbf: change.iat,
      exp: change.iat + 30 * 86_400,
      ...change,
    }
    return signToken(authorisationType, claims, key)
  }

  claims(change: Partial<FederationClaims> & Pick<FederationClaims, 'iat'>): FederationClaims {
    return {
      iss: this.signer,
      federation: 'fixture',
      serial: 1,
      exp: change.iat + 86_400,
      members: this.#members.map((sketch) => this.memberEntry(sketch)),
      evidenceTypes: [
        {
          id: 'thing',
          contract: 'own',
          title: both('thing'),
          schemaSha256: 'x'.repeat(43),
          providers: this.#members.map(({ id }) => id),
          fieldTitles: {},
          predicateTitles: {},
          routes: [{ kind: 'counter', text: both('come to the counter') }],
        },
      ],
      purposes: [{ id: 'errand', title: both('errand'), use: 'manage', textVersion: '1', text: both('what is told') }],
      identityProviders: [],
      authorisations: [],
      ...change,
    }
  }

  /** The list as the signer publishes it, or as somebody else would. */
  list(
    change: Partial<FederationClaims> & Pick<FederationClaims, 'iat'>,
    key = this.keys(this.signer, 'list').privateKey,
  ): string {
    return signToken(federationListType, this.claims(change), key)
  }
}
