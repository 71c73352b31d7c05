import { randomUUID } from 'node:crypto'
import type { GrpcClient } from '@unefois/chassis/grpc-client'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import { EventServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import {
  ChangeServiceDefinition,
  type SubscribeToChangesRequest,
} from '@unefois/proto/gen/unefois/documents/v1/changes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { HostileMember } from './_raw-callers.js'
import { refusalOf } from './_refusals.js'
import { agreed, evidenceType, fund, Resident, stranger, told } from './_resident.js'

let places: Places
let resident: Resident
let atFund: AgencySystem
let basisId: string
beforeAll(async () => {
  places = await sharedFederation()
  resident = await Resident.settle(places)
  atFund = new AgencySystem(places, fund)
  basisId = await resident.tell()
})
afterAll(() => {
  resident.leave()
  atFund.close()
})

const changes = (system: AgencySystem): GrpcClient<typeof ChangeServiceDefinition> =>
  system.service('documents', ChangeServiceDefinition)
const events = (system: AgencySystem): GrpcClient<typeof EventServiceDefinition> =>
  system.service('documents', EventServiceDefinition)
const requesting = () => resident.town.call('evidence:request')
const wish = (given: Partial<SubscribeToChangesRequest> = {}): SubscribeToChangesRequest => ({
  subject: resident.subject,
  provider: fund,
  evidenceType,
  purpose: told,
  procedure: told,
  basisId,
  ...given,
})

describe('a subscription', () => {
  it.each<[string, Partial<SubscribeToChangesRequest>, string]>([
    ['to nothing', { evidenceType: '' }, 'REQUEST_INVALID'],
    ['to a type that is none', { evidenceType: 'none-such' }, 'EVIDENCE_TYPE_UNKNOWN'],
    ['to somebody that is no member', { provider: 'nobody' }, 'MEMBER_UNKNOWN'],
    ['for a purpose that nobody signed for', { purpose: 'resources-prefill' }, 'PURPOSE_NOT_AUTHORISED'],
    [
      'that its provider did not sign for',
      { evidenceType: 'prime-activite', purpose: 'social-rate' },
      'CHANGES_NOT_AUTHORISED',
    ],
    ['that rests on another purpose', { purpose: agreed }, 'CONSENT_MISMATCH'],
  ])('%s is refused', async (_, given, reason) => {
    const call = await requesting()
    const rpc = 'unefois.documents.v1.ChangeService/SubscribeToChanges'
    expect(await refusalOf(rpc, () => changes(resident.town).subscribeToChanges(wish(given), call))).toBe(reason)
  })

  it('that is none is neither shown nor ended, and none is listed from a place that is none', async () => {
    const { town: system } = resident
    const subscriptionId = randomUUID()
    const [read, end] = [await requesting(), await requesting()]
    const get = () => changes(system).getSubscription({ subscriptionId }, read)
    expect(await refusalOf('unefois.documents.v1.ChangeService/GetSubscription', get)).toBe('SUBSCRIPTION_UNKNOWN')
    const ending = () => changes(system).endSubscription({ subscriptionId }, end)
    expect(await refusalOf('unefois.documents.v1.ChangeService/EndSubscription', ending)).toBe('SUBSCRIPTION_UNKNOWN')
    const list = () => changes(system).listSubscriptions({ state: 0, pageSize: 0, pageToken: 'x', subject: '' }, read)
    expect(await refusalOf('unefois.documents.v1.ChangeService/ListSubscriptions', list)).toBe('REQUEST_INVALID')
  })

  it('is opened for no member that brings no ticket, or that nobody signed for', async () => {
    const rpc = 'unefois.documents.v1.ChangeService/OpenSubscription'
    const hostile = await HostileMember.connect(places, stranger, 'documents')
    const asked = {
      ...{ evidenceType, purpose: told, procedure: told, basisId, statement: '' },
      ...{ ticket: 'e30.e30.e30.e30.e30', subscriptionId: randomUUID() },
    }
    const open = (given: object) => () =>
      hostile.of(fund, ChangeServiceDefinition).openSubscription({ ...asked, ...given })
    expect(await refusalOf(rpc, open({}))).toBe('PURPOSE_NOT_AUTHORISED')
    expect(await refusalOf(rpc, open({ ticket: '' }))).toBe('REQUEST_INVALID')
    await hostile.close()
  })
})

describe('a change', () => {
  it('is not reported of what is no type, nor by who may only ask', async () => {
    const rpc = 'unefois.documents.v1.ChangeService/ReportChange'
    const [declaring, asking] = [await atFund.call('evidence:declare'), await atFund.call('evidence:request')]
    const of = { subject: resident.atFund, evidenceType: 'none-such' }
    expect(await refusalOf(rpc, () => changes(atFund).reportChange(of, declaring))).toBe('EVIDENCE_TYPE_UNKNOWN')
    expect(await refusalOf(rpc, () => changes(atFund).reportChange(of, asking))).toBe('CALLER_NOT_ALLOWED')
  })
})

describe('the feed', () => {
  it('is refused from a position that is none, listed or watched', async () => {
    const call = await resident.town.call('events:read')
    const list = () => events(resident.town).listEvents({ position: 'x', types: [], pageSize: 0, waitMs: 0 }, call)
    expect(await refusalOf('unefois.documents.v1.EventService/ListEvents', list)).toBe('REQUEST_INVALID')
    const { accessToken } = call
    const watch = () =>
      events(resident.town)
        .watchEvents({ position: 'x', types: [] }, accessToken === undefined ? {} : { accessToken })
        .next()
    expect(await refusalOf('unefois.documents.v1.EventService/WatchEvents', watch)).toBe('REQUEST_INVALID')
  })
})
