import type { GrpcCallOptions } from '@unefois/chassis/grpc-client'
import { type Asking, ReAskServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/re_asks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { carelessForm, needlesslyAsked } from './_re-asks.js'
import { refusalOf } from './_refusals.js'
import { evidenceType, fund, personTokenOf, Resident, told, town } from './_resident.js'
import { restOf } from './_rest.js'

let resident: Resident
beforeAll(async () => {
  resident = await Resident.settle(await sharedFederation())
})
afterAll(() => resident.leave())

const meter = () => resident.town.service('documents', ReAskServiceDefinition)
const quotient = { evidenceType, field: 'quotient_familial.valeur' }
const asking = (given: Partial<Asking> = {}): Asking => ({
  subject: resident.subject,
  purpose: told,
  procedure: carelessForm,
  fields: [quotient],
  refusedConsentRequestId: '',
  isOwnWish: false,
  ...given,
})
const asPerson = async (): Promise<GrpcCallOptions> => ({
  ...(await resident.town.call('evidence:request')),
  accessToken: await personTokenOf(resident.places, resident.person, town),
})

describe('the re-ask meter', () => {
  it('is asked by nobody about another person', async () => {
    const rpc = 'unefois.documents.v1.ReAskService/CheckNeed'
    const other = asking({ subject: `p1.1.${'A'.repeat(22)}` })
    const call = await asPerson()
    expect(await refusalOf(rpc, () => meter().checkNeed({ asking: other }, call))).toBe('CALLER_NOT_ALLOWED')
  })

  it('counts nothing for a purpose that the federation does not have, and nothing twice under one key', async () => {
    const rpc = 'unefois.documents.v1.ReAskService/RecordAsked'
    const call = await resident.town.call('evidence:request')
    expect(await refusalOf(rpc, () => meter().recordAsked({ asking: asking({ purpose: 'curiosity' }) }, call))).toBe(
      'PURPOSE_NOT_AUTHORISED',
    )
    expect(await refusalOf(rpc, () => meter().recordAsked({ asking: asking({ fields: [] }) }, call))).toBe(
      'REQUEST_INVALID',
    )
  })

  it('shows no page of days that run backwards', async () => {
    const rpc = 'unefois.documents.v1.ReAskService/ListReAsks'
    const call = await resident.town.call('evidence:request')
    const days = { procedure: '', fromDay: '2026-11-22', toDay: '2026-11-01', pageSize: 0, pageToken: '' }
    expect(await refusalOf(rpc, () => meter().listReAsks(days, call))).toBe('REQUEST_INVALID')
  })

  it('catches a form that asks for what the fund holds, once for each time, and says who holds it', async () => {
    const { accessToken: token } = await resident.town.call('evidence:request')
    const asked = await restOf(resident.places, town, {
      path: '/v1/asked-fields',
      token,
      body: { subject: resident.subject, purpose: told, procedure: carelessForm, fields: [quotient] },
    })
    expect(asked.body).toEqual({ needs: [{ ...quotient, need: 'none', holders: [fund] }] })
    const caught = (await needlesslyAsked(resident.town)).filter(({ procedure }) => procedure === carelessForm)
    expect(caught).toMatchObject([{ purpose: told, field: quotient, needlessly: 1 }])
    const shown = await restOf(resident.places, town, {
      method: 'GET',
      path: `/v1/re-asks?procedure=${carelessForm}`,
      token,
    })
    expect(shown.body).toMatchObject({
      reAsks: [{ procedure: carelessForm, ...quotient, needlessly: 1, byOwnWish: 0 }],
    })
  })
})
