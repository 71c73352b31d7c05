import { setTimeout as wait } from 'node:timers/promises'
import type { Deadline } from '@unefois/chassis/deadline'
import type { Authorisation } from '@unefois/proto/federation-list'
import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError, type Reason } from '@unefois/proto/reasons'
import type { GatewayContext } from '../context.js'
import type { Language } from '../language.js'
import { type ExchangeOutcome, exchangeOutcome } from '../rest/request-evidence.js'
import { byProvider, type Procedure } from './procedure.js'

/** One answer that a procedure obtained, or the refusal of it. */
export interface ProcedureAnswer {
  readonly authorisation: Authorisation
  readonly result: ExchangeOutcome | MeshError
  /** Where the person sees and confirms first, when that is what is missing. */
  readonly previewAt?: string
}

export interface Asking {
  readonly subject: string
  readonly accessToken: string
  readonly deadline: Deadline
  /** Drawn with the page, so that a form sent twice has one effect. */
  readonly key: string
}

/** The predicates that need no second person; a page cannot know whom else a procedure concerns. */
const plainPredicates = ({ predicates }: Authorisation): { predicate: string; argumentSubject: string }[] =>
  predicates.filter(({ kind }) => kind !== 'related-subject').map(({ id }) => ({ predicate: id, argumentSubject: '' }))

const ask = async (
  { documents }: GatewayContext['neighbours'],
  authorisation: Authorisation,
  basisId: string,
  { subject, accessToken, deadline, key }: Asking,
): Promise<ProcedureAnswer> => {
  const { provider, evidenceType, purpose } = authorisation
  const idempotencyKey = `${key}.${provider}.${evidenceType}`.slice(0, 128)
  const request = { subject, provider, evidenceType, purpose, procedure: purpose, basisId, fields: [] }
  try {
    const answer = await documents.requestEvidence(
      { ...request, predicates: plainPredicates(authorisation) },
      { accessToken, deadline, idempotencyKey },
    )
    return { authorisation, result: exchangeOutcome(answer) }
  } catch (thrown) {
    // One provider's refusal says nothing about the others.
    if (thrown instanceof MeshError) return { authorisation, result: thrown }
    throw thrown
  }
}

/** What a person is told about one provider: which evidence is asked for there, under which text. */
export interface Notice {
  readonly provider: string
  readonly purpose: string
  readonly textVersion: string
  readonly evidenceTypes: readonly string[]
}

/** Records what the person was told; answers the basis on which the provider may be asked. */
export const recordNotice = async (
  { consent }: GatewayContext['neighbours'],
  { evidenceTypes, ...notice }: Notice,
  language: Language,
  { subject, accessToken, deadline, key }: Asking,
): Promise<string> => {
  const { basisId } = await consent.recordNotice(
    { ...notice, subject, evidenceTypes: [...evidenceTypes], language, channel: Channel.CHANNEL_ONLINE },
    { accessToken, deadline, idempotencyKey: `${key}.notice.${notice.provider}` },
  )
  return basisId
}

/** Records what the person was told, one notice for each provider, and asks each for the evidence. */
export const tellAndAsk = async (
  neighbours: GatewayContext['neighbours'],
  { purpose, textVersion, told }: Procedure,
  language: Language,
  asking: Asking,
): Promise<ProcedureAnswer[]> => {
  const answers = [...byProvider(told)].map(async ([provider, authorisations]) => {
    const evidenceTypes = authorisations.map(({ evidenceType }) => evidenceType)
    const basisId = await recordNotice(neighbours, { provider, purpose, textVersion, evidenceTypes }, language, asking)
    return Promise.all(authorisations.map((one) => ask(neighbours, one, basisId, asking)))
  })
  return (await Promise.all(answers)).flat()
}

/** Refusals of a provider that has not heard of a consent yet: it is told at the same time as the requester, elsewhere. */
const notYetTold: ReadonlySet<Reason> = new Set(['CONSENT_REQUIRED', 'REVOCATION_FEED_STALE'])
/** Few, because each refusal is an entry that the person sees. */
const pausesMs = [400, 1200]

const askPatiently = async (
  neighbours: GatewayContext['neighbours'],
  authorisation: Authorisation,
  basisId: string,
  asking: Asking,
): Promise<ProcedureAnswer> => {
  for (const [attempt, pauseMs] of pausesMs.entries()) {
    const answer = await ask(neighbours, authorisation, basisId, { ...asking, key: `${attempt}.${asking.key}` })
    const { result } = answer
    const isTooEarly = result instanceof MeshError && notYetTold.has(result.reason)
    if (!isTooEarly || asking.deadline.remainingMs() < 2 * pauseMs) return answer
    await wait(pauseMs)
  }
  return ask(neighbours, authorisation, basisId, asking)
}

/** Asks each provider for the evidence of a consent that was given, again if the provider has not heard of it yet. */
export const askWithConsent = async (
  neighbours: GatewayContext['neighbours'],
  { asked }: Procedure,
  bases: readonly { provider: string; basisId: string }[],
  asking: Asking,
): Promise<ProcedureAnswer[]> =>
  Promise.all(
    asked.flatMap((one) => {
      const basis = bases.find(({ provider }) => provider === one.provider)
      return basis ? [askPatiently(neighbours, one, basis.basisId, asking)] : []
    }),
  )

/** The basis id of each provider that a person's request goes to. */
export type WantedBases = readonly { readonly provider: string; readonly basisId: string }[]

/** Records that the person asks, one request for each provider. */
export const recordWanted = async (
  { consent }: GatewayContext['neighbours'],
  { purpose, textVersion, wanted }: Procedure,
  language: Language,
  { subject, accessToken, deadline, key }: Asking,
): Promise<WantedBases> =>
  Promise.all(
    [...byProvider(wanted)].map(async ([provider, authorisations]) => {
      const evidenceTypes = authorisations.map(({ evidenceType }) => evidenceType)
      const { basisId } = await consent.recordExplicitRequest(
        { subject, provider, purpose, evidenceTypes, textVersion, language },
        { accessToken, deadline, idempotencyKey: `${key}.request.${provider}` },
      )
      return { provider, basisId }
    }),
  )

/** Asks each provider for what the person wants; where they have not seen it yet, says where they do. */
export const askAsWanted = async (
  neighbours: GatewayContext['neighbours'],
  { wanted }: Procedure,
  bases: WantedBases,
  asking: Asking,
  previewOf: (authorisation: Authorisation, basisId: string) => string | undefined,
): Promise<ProcedureAnswer[]> =>
  Promise.all(
    wanted.flatMap((one) => {
      const basis = bases.find(({ provider }) => provider === one.provider)
      if (!basis) return []
      return ask(neighbours, one, basis.basisId, asking).then((answer) => {
        const { result } = answer
        const isUnseen = result instanceof MeshError && result.reason === 'PREVIEW_REQUIRED'
        const previewAt = isUnseen ? previewOf(one, basis.basisId) : undefined
        return previewAt === undefined ? answer : { ...answer, previewAt }
      })
    }),
  )
