import { randomUUID } from 'node:crypto'
import type { GrpcClient } from '@unefois/chassis/grpc-client'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import { DeliveryServiceDefinition } from '@unefois/proto/gen/unefois/delivery/v1/delivery'
import {
  type ContestState,
  CorrectionOutcome,
  CorrectionServiceDefinition,
  EvidenceCorrected,
  ListContestsRequest,
  ListCorrectionsRequest,
} from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { HostileMember } from './_raw-callers.js'
import { refusalOf } from './_refusals.js'
import { evidenceType, fund, Resident, stranger, town } from './_resident.js'

let places: Places
let resident: Resident
let atFund: AgencySystem
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  atFund = new AgencySystem(places, fund)
})
afterAll(() => {
  resident.leave()
  atFund.close()
})

type Corrections = GrpcClient<typeof CorrectionServiceDefinition>
const of = (system: AgencySystem): Corrections => system.service('documents', CorrectionServiceDefinition)
const declaring = () => atFund.call('evidence:declare')
const requesting = () => resident.town.call('evidence:request')

const report = (changes: object = {}) => ({
  subject: resident.atFund,
  evidenceType,
  versions: { firstVersion: 1, lastVersion: 1, correctedVersion: 2 },
  ...changes,
})

describe('a correction', () => {
  const rpc = 'unefois.documents.v1.CorrectionService/ReportCorrection'

  it.each<[string, object, string]>([
    ['of no versions', { versions: undefined }, 'REQUEST_INVALID'],
    [
      'that corrects backwards',
      { versions: { firstVersion: 2, lastVersion: 2, correctedVersion: 1 } },
      'REQUEST_INVALID',
    ],
    ['of what was never declared', { evidenceType: 'decision-communale' }, 'EVIDENCE_UNKNOWN'],
  ])('%s is refused', async (_, changes, reason) => {
    const call = await declaring()
    expect(await refusalOf(rpc, () => of(atFund).reportCorrection(report(changes), call))).toBe(reason)
  })

  it('is refused to software that may only ask, and to a person', async () => {
    const call = await atFund.call('evidence:request')
    expect(await refusalOf(rpc, () => of(atFund).reportCorrection(report(), call))).toBe('CALLER_NOT_ALLOWED')
  })

  it('that is none has no report', async () => {
    const call = await declaring()
    const asked = { reportId: randomUUID(), pageSize: 0, pageToken: '' }
    expect(
      await refusalOf('unefois.documents.v1.CorrectionService/GetCorrectionReport', () =>
        of(atFund).getCorrectionReport(asked, call),
      ),
    ).toBe('CORRECTION_UNKNOWN')
  })

  it('is not listed from a place that is none', async () => {
    const call = await requesting()
    const asked = { ...ListCorrectionsRequest.decode(new Uint8Array()), pageToken: 'x' }
    expect(
      await refusalOf('unefois.documents.v1.CorrectionService/ListCorrections', () =>
        of(resident.town).listCorrections(asked, call),
      ),
    ).toBe('REQUEST_INVALID')
  })

  it('that was never heard is not answered', async () => {
    const call = await requesting()
    const answer = { correctionId: randomUUID(), outcome: CorrectionOutcome.CORRECTION_OUTCOME_ACTED }
    expect(
      await refusalOf('unefois.documents.v1.CorrectionService/AnswerCorrection', () =>
        of(resident.town).answerCorrection(answer, call),
      ),
    ).toBe('CORRECTION_UNKNOWN')
  })

  it('of a member that released nothing marks nothing at the town', async () => {
    const { exchangeId } = await resident.ask(await resident.tell())
    const other = await HostileMember.connect(places, stranger, 'documents')
    const deliver = (type: string) =>
      other.of(town, DeliveryServiceDefinition, 'documents').deliver({
        eventId: randomUUID(),
        type,
        topic: `forged-${randomUUID()}`,
        following: [],
        position: 1,
        data: Buffer.from(
          EvidenceCorrected.encode({
            correctionId: randomUUID(),
            exchangeId,
            evidenceType,
            wrongVersion: 1,
            correctedVersion: 2,
            correctedAtMs: Date.now(),
          }).finish(),
        ),
        occurredAtMs: Date.now(),
      })
    expect(await deliver('documents.evidence-corrected.v1')).toEqual({ wasKnown: false, appliedUpTo: 1 })
    const delivery = 'unefois.delivery.v1.DeliveryService/Deliver'
    expect(await refusalOf(delivery, () => deliver('consent.consent-changed.v1'))).toBe('CALLER_NOT_ALLOWED')
    const asked = { ...ListCorrectionsRequest.decode(new Uint8Array()), exchangeId }
    expect((await of(resident.town).listCorrections(asked, await requesting())).corrections).toEqual([])
    await other.close()
  })
})

describe('a contest', () => {
  it('is not listed by software that may only ask, nor in a state that is none', async () => {
    const rpc = 'unefois.documents.v1.CorrectionService/ListContests'
    const asked = ListContestsRequest.decode(new Uint8Array())
    const call = await atFund.call('evidence:request')
    expect(await refusalOf(rpc, () => of(atFund).listContests(asked, call))).toBe('CALLER_NOT_ALLOWED')
    const odd = { ...asked, state: 9 as ContestState }
    expect(await refusalOf(rpc, async () => of(atFund).listContests(odd, await declaring()))).toBe('REQUEST_INVALID')
  })

  it('that is none is not answered, and none is upheld without reasons', async () => {
    const rpc = 'unefois.documents.v1.CorrectionService/AnswerContest'
    const answer = async (reasons: string) => {
      const value = { reasons, remedies: 'Écrivez à la commission dans les deux mois.', routes: [] }
      const call = await declaring()
      return refusalOf(rpc, () =>
        of(atFund).answerContest({ contestId: randomUUID(), answer: { $case: 'upheld', value } }, call),
      )
    }
    expect(await answer('')).toBe('REQUEST_INVALID')
    expect(await answer('La naissance a été déclarée en avril.')).toBe('CONTEST_UNKNOWN')
  })
})
