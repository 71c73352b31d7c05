import { randomUUID } from 'node:crypto'
import {
  type AnswerPreviewRequest,
  PreviewAnswer,
  type ReleaseEvidenceRequest,
} from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { JsonObject } from '@unefois/proto/mask'
import type { Reason } from '@unefois/proto/reasons'
import type { SubjectTicket } from '@unefois/proto/subject-ticket'
import { expect } from 'vitest'
import type { ConsentState } from '../domain/basis.js'
import type { ExchangeRecord } from '../domain/exchange-record.js'
import {
  basis,
  explicitRequest,
  members,
  notice,
  person,
  portalTicket,
  proactiveUse,
  purposes,
  startMs,
  startSeconds,
  ticket,
  types,
} from '../federation.fixture.js'
import { callFrom, type MemberParts, openMember } from '../member.fixture.js'
import { consent } from '../record.fixture.js'
import { startRegister } from '../register.fixture.js'
import { putConsent } from '../store/consents.js'
import { answerPreview } from './answer-preview.js'
import { releaseEvidence } from './release-evidence.js'

export const income = {
  amount: 700,
  year: 2026,
  address: { street: 'Main Street' },
  children: [{ name: 'Bob', born: '2019' }],
}

/** A lawful request about this person, in information mode. */
export const informed = (
  name: string,
  given: Partial<ReleaseEvidenceRequest> = {},
  claims: Partial<SubjectTicket> = {},
): ReleaseEvidenceRequest => ({
  evidenceType: types.income,
  purpose: purposes.rate,
  procedure: 'meal-rate-2027',
  basisId: basis('told'),
  statement: notice(),
  ticket: ticket({ sub: person(name), ...claims }),
  fields: [],
  predicates: [],
  exchangeId: randomUUID(),
  ...given,
})

/** The same on this person's consent. */
export const consented = (name: string, given: Partial<ReleaseEvidenceRequest> = {}): ReleaseEvidenceRequest =>
  informed(
    name,
    { purpose: purposes.card, statement: '', basisId: basis(name), ...given },
    { purpose: purposes.card, basis: basis(name) },
  )

/** The same on this person's own request, with their login. */
export const wanted = (
  name: string,
  given: Partial<ReleaseEvidenceRequest> = {},
  claims: Partial<SubjectTicket> = {},
): ReleaseEvidenceRequest =>
  informed(
    name,
    { purpose: purposes.grant, statement: explicitRequest(), basisId: basis('wanted'), ...given },
    { purpose: purposes.grant, basis: basis('wanted'), acr: 'eidas1', auth_time: startSeconds, ...claims },
  )

/** The same in a search for this person's rights, of which they know nothing yet. */
export const searched = (
  name: string,
  given: Partial<ReleaseEvidenceRequest> = {},
  claims: Partial<SubjectTicket> = {},
): ReleaseEvidenceRequest =>
  informed(
    name,
    { purpose: purposes.found, statement: proactiveUse(), basisId: basis('found'), ...given },
    { purpose: purposes.found, basis: basis('found'), ...claims },
  )

/** Declares evidence of a mother of Bob's. */
export const declareTo = (member: MemberParts, name: string, value: JsonObject = income, asOfMs = startMs) =>
  member.runtime.postgres.transaction((tx) =>
    member.evidence.declare(
      tx,
      { subject: person(name), evidenceType: types.income },
      {
        value,
        asOfMs,
        related: [{ relation: 'children', subject: person('bob') }],
        declaredAtMs: asOfMs,
        supersedes: 0,
      },
    ),
  )

/** A provider that holds the lease, with `household` in a register of its own. */
export const openProvider = async () => {
  const register = await startRegister()
  const provider = await openMember(members.provider, { sources: { [types.household]: register.source } })
  provider.holdLease(3_600_000)

  const declare = (name: string, value?: JsonObject, asOfMs?: number) => declareTo(provider, name, value, asOfMs)
  const agree = (given: Partial<ConsentState> = {}) =>
    provider.runtime.postgres.transaction((tx) => putConsent(tx, consent(given)))

  const release = (request: ReleaseEvidenceRequest, requester = members.requester, deadlineMs?: number) => {
    const rpc = releaseEvidence(provider)
    expect(rpc.request.safeParse(request).error).toBeUndefined()
    return rpc.handle(request, callFrom(requester, provider.clock, deadlineMs))
  }

  /** What this person answers at the portal to a preview; by default a yes to the first version of their income. */
  const answer = (name: string, given: Partial<AnswerPreviewRequest> = {}, requester = members.desk) => {
    const rpc = answerPreview(provider)
    const request: AnswerPreviewRequest = {
      ticket: portalTicket({ sub: person(name) }),
      basisId: basis('own-access'),
      requester: members.requester,
      evidenceType: types.income,
      purpose: purposes.grant,
      requestedBasisId: basis('wanted'),
      answer: PreviewAnswer.PREVIEW_ANSWER_CONFIRMED,
      evidenceVersion: 1,
      ...given,
    }
    expect(rpc.request.safeParse(request).error).toBeUndefined()
    return rpc.handle(request, callFrom(requester, provider.clock))
  }

  const recordsOf = async (name: string): Promise<ExchangeRecord[]> =>
    (await provider.accesses.list(person(name), undefined, 100)).map(({ opening }) => opening.record)

  /** Refused although the evidence is there, and on record under this person against this requester. */
  const expectRefused = async (
    name: string,
    request: ReleaseEvidenceRequest,
    reason: Reason,
    requester = members.requester,
  ): Promise<void> => {
    await declare(name)
    await expect(release(request, requester)).rejects.toMatchObject({ reason })
    const [refusal, ...others] = await recordsOf(name)
    expect(others).toEqual([])
    expect(refusal).toMatchObject({
      kind: 'refusal',
      outcome: 'refused',
      reason,
      counterparty: requester,
      subject: person(name),
      exchange_id: request.exchangeId,
      evidence_version: 0,
      fields: [],
      predicates: [],
    })
  }

  const close = async (): Promise<void> => {
    await provider.close()
    await register.stop()
  }
  return { provider, register, declare, agree, answer, release, recordsOf, expectRefused, close }
}
