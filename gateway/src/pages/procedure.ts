import type { Federation } from '@unefois/proto/federation'
import type { Authorisation, Mode } from '@unefois/proto/federation-list'

/** What one procedure of an agency asks from others, as the authorisations in force say; its id is the purpose's. */
export interface Procedure {
  readonly purpose: string
  readonly textVersion: string
  /** By provider, evidence types for which telling the person is enough. */
  readonly told: readonly Authorisation[]
  /** Those that need the person's consent. */
  readonly asked: readonly Authorisation[]
  /** Those that the person asks for themselves, with a preview. */
  readonly wanted: readonly Authorisation[]
}

const withMode = (authorisations: readonly Authorisation[], mode: Mode): Authorisation[] =>
  authorisations.filter((one) => one.mode === mode)

/** The procedures for which a member may ask others online, in the order of the federation list. */
export const proceduresOf = (federation: Federation, member: string, nowSeconds: number): Procedure[] => {
  const own = federation.authorisationsInForce(nowSeconds).filter(({ requester }) => requester === member)
  return federation.claims.purposes.flatMap(({ id, textVersion }) => {
    const authorisations = own.filter(({ purpose }) => purpose === id)
    const told = withMode(authorisations, 'information')
    const asked = withMode(authorisations, 'consent')
    const wanted = withMode(authorisations, 'explicit-request')
    return told.length + asked.length + wanted.length > 0 ? [{ purpose: id, textVersion, told, asked, wanted }] : []
  })
}

/** Authorisations by provider. */
export const byProvider = (authorisations: readonly Authorisation[]): Map<string, Authorisation[]> => {
  const grouped = new Map<string, Authorisation[]>()
  for (const one of authorisations) grouped.set(one.provider, [...(grouped.get(one.provider) ?? []), one])
  return grouped
}
