import { createHash } from 'node:crypto'
import type { Federation } from '@unefois/proto/federation'
import type { Member } from '@unefois/proto/federation-list'
import { MeshError } from '@unefois/proto/reasons'
import type { ConsentAuthorityContext } from './context.js'
import { consentRecord, type Party } from './domain/receipt.js'
import type { Consent } from './store/consents.js'

type Needs = Pick<ConsentAuthorityContext, 'member' | 'federation'>

const usualLanguage = 'fr'

const partyOf = (federation: Federation, id: string, language: 'fr' | 'en'): { party: Party; member: Member } => {
  const member = federation.claims.members.find((each) => each.id === id)
  if (!member) throw new MeshError('MEMBER_UNKNOWN')
  return { member, party: { id, name: member.name[language], contact: member.contact[language] } }
}

/** A pseudonym that only this record has: the consent id is 128 random bits, so it cannot be worked back. */
const recordSubjectOf = ({ consentId, subject }: Pick<Consent, 'consentId' | 'subject'>): string =>
  `r1.${createHash('sha256').update(`${consentId}\n${subject}`).digest('base64url').slice(0, 22)}`

/** The record of an answer, with the names and the text of the federation list in force. */
export const recordOf = (
  { member, federation }: Needs,
  consent: Omit<Consent, 'state' | 'record'>,
  textVersion: string,
  language: 'fr' | 'en' | undefined,
): Readonly<Record<string, unknown>> => {
  const list = federation.current
  const words = language ?? usualLanguage
  const purpose = list.purpose(consent.purpose)
  const requester = partyOf(list, consent.requester, words)
  const providers = [...new Set(consent.disclosures.map(({ provider }) => provider))]
  const authority = partyOf(list, member, words).party
  const portal = list.claims.members.find(({ roles }) => roles.includes('portal'))
  return consentRecord({
    ...consent,
    recordSubject: recordSubjectOf(consent),
    textVersion,
    ...(language && {
      language,
      textSha256: createHash('sha256').update(purpose.text[language]).digest('base64url'),
    }),
    purpose: { id: purpose.id, title: purpose.title[words] },
    requester: requester.party,
    providers: providers.map((provider) => partyOf(list, provider, words).party),
    authority,
    hostingCountry: requester.member.hostingCountry,
    withdrawAt: portal?.origin ?? authority.contact,
  })
}
