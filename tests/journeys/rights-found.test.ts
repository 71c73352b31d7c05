import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import type { Places } from '@unefois/deploy/sandbox/places'
import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { AgencyEventType, EventServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/agency_events'
import { ChangeServiceDefinition } from '@unefois/proto/gen/unefois/documents/v1/changes'
import {
  Channel as ApplicationChannel,
  ApplicationServiceDefinition,
  ApplicationState,
} from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { Answer } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { type RightSought, RightsServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/rights'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedFederation } from './_federation.js'
import { fareSought, Someone } from './_modes.js'
import { portal } from './_resident.js'
import { restOf } from './_rest.js'

const { requester, provider, evidenceType, purpose } = fareSought
const procedure = 'solidarity-fare'
const campaign = 'autumn'
const scopes = 'rights:seek notice:write evidence:request'
const uncovered = { est_beneficiaire: false, avec_participation: null, date_debut_droit: null }

let places: Places
/** Entitled, and never asked. */
let silent: Someone
let opposed: Someone
let receiving: Someone
/** Not covered by the health fund, for now. */
let watched: Someone
/** The provider's own software. */
let fund: AgencySystem
beforeAll(async () => {
  places = await sharedFederation()
  silent = (await Someone.settle(places, fareSought)).hold(1)
  opposed = (await Someone.settle(places, fareSought)).hold(1)
  receiving = (await Someone.settle(places, fareSought)).hold(1)
  watched = (await Someone.settle(places, fareSought)).hold(1, uncovered)
  fund = new AgencySystem(places, provider)
})
afterAll(() => {
  for (const each of [silent, opposed, receiving, watched]) each.leave()
  fund.close()
})

const seek = async (...people: readonly Someone[]): Promise<RightSought[]> => {
  const subjects = people.map(({ subject }) => subject)
  const { outcome } = await silent.system
    .service('eligibility', RightsServiceDefinition)
    .seekRights({ procedure, campaign, subjects, language: 'fr' }, await silent.system.call(scopes))
  if (outcome?.$case !== 'sought') throw new Error('there is no rule in force')
  return outcome.value.people
}
/** What the provider has on record of the search for somebody. */
const askedAbout = async (someone: Someone): Promise<readonly object[]> => {
  const { accesses } = (await someone.atPortal('/v1/me/accesses')).body as {
    accesses: { member: string; purpose: string }[]
  }
  return accesses.filter((each) => each.member === provider && each.purpose === purpose)
}

/** Applies at the counter, and is granted by the procedure itself. */
const apply = async ({ subject, system }: Someone): Promise<void> => {
  const applications = system.service('eligibility', ApplicationServiceDefinition)
  const clerk = { agentId: 'guichet-1', firstName: 'Inès', lastName: 'Petit', capacity: 'Agente', isUnnamed: false }
  const { application } = await applications.submitApplication(
    {
      ...{ subject, procedure, channel: ApplicationChannel.CHANNEL_COUNTER, depositedAtMs: 0, entries: [], facts: [] },
      ...{ language: 'fr', appealedDecisionId: '', by: { who: { $case: 'agent', value: clerk } } },
    },
    await system.call('applications:submit'),
  )
  const { textVersion } = places.list().purpose(procedure)
  const notice = { subject, provider, purpose: procedure, evidenceTypes: [evidenceType], textVersion, language: 'fr' }
  const { basisId } = await system.consent.recordNotice(
    { ...notice, channel: Channel.CHANNEL_COUNTER },
    await system.call('notice:write'),
  )
  const applicationId = application?.applicationId ?? ''
  const bases = [{ provider, purpose: procedure, basisId }]
  const { application: examined } = await applications.examineApplication(
    { applicationId, bases, relatedSubject: '', ownRecords: [] },
    await system.call('applications:examine evidence:request'),
  )
  expect(examined?.state).toBe(ApplicationState.APPLICATION_STATE_GRANTED)
}

describe('a transport authority that looks for people entitled to its fare', () => {
  it('finds who is, asks nobody about who opposed or receives it, and keeps the order', async () => {
    await apply(receiving)
    const opposition = await opposed.atPortal('/v1/me/oppositions', { agency: requester, purpose })
    expect(opposition.status).toBe(200)
    const found = await seek(opposed, watched, silent, receiving)
    expect(found.map(({ subject }) => subject)).toEqual(
      [opposed, watched, silent, receiving].map(({ subject }) => subject),
    )
    const told = [{ provider, isSelfDeclared: false, source: { evidenceType, field: 'est_beneficiaire', purpose } }]
    expect(found.map(({ outcome }) => outcome)).toMatchObject([
      { $case: 'hasOpposed' },
      { value: { finding: { answer: Answer.ANSWER_NO }, used: told, notObtained: [] } },
      { value: { finding: { answer: Answer.ANSWER_YES }, used: told, notObtained: [] } },
      { $case: 'receives' },
    ])
    expect(await askedAbout(opposed)).toEqual([])
    expect(await askedAbout(receiving)).toEqual([])
    expect(await askedAbout(silent)).toMatchObject([
      { mode: 'proactive', outcome: 'released', fields: ['est_beneficiaire'] },
    ])
  })

  it('finds the same at its REST door', async () => {
    const body = { procedure, campaign, subjects: [silent.subject, opposed.subject], language: 'en' }
    const { accessToken: token } = await silent.system.call(scopes)
    const answer = await restOf(places, requester, { path: '/v1/eligibility/rights-sought', token, body })
    expect(answer).toMatchObject({
      status: 200,
      body: { people: [{ outcome: 'assessed', finding: { answer: 'yes' } }, { outcome: 'has-opposed' }] },
    })
  })

  it('tells the person how to oppose with the first contact, which is its own act', async () => {
    const contact = async (offersOpposition: boolean) =>
      silent.system.consent.recordContact(
        {
          ...{ subject: silent.subject, purpose, campaign, textVersion: silent.textVersion, language: 'fr' },
          ...{ channel: Channel.CHANNEL_PAPER, offersOpposition },
        },
        await silent.system.call('notice:write'),
      )
    await expect(contact(false)).rejects.toMatchObject({ reason: 'REQUEST_INVALID' })
    expect(await contact(true)).toMatchObject({ isFirst: true, oppositionAddress: places.origin(portal) })
  })
})

describe('a change that the provider tells', () => {
  const changed = AgencyEventType.AGENCY_EVENT_TYPE_EVIDENCE_CHANGED
  const events = () => watched.system.service('documents', EventServiceDefinition)
  const changes = () => watched.system.service('documents', ChangeServiceDefinition)
  const endOfFeed = async (): Promise<string> => {
    let position = ''
    for (;;) {
      const asked = { position, types: [], pageSize: 500, waitMs: 0 }
      const page = await events().listEvents(asked, await watched.system.call('events:read'))
      if (page.events.length === 0) return page.position
      position = page.position
    }
  }

  it('has one person looked for, and their right found', async () => {
    const { subject, system } = watched
    const { basisId } = await system.consent.recordProactiveUse(
      { subject, provider, purpose, evidenceTypes: [evidenceType], campaign },
      await system.call('notice:write'),
    )
    const { subscription } = await changes().subscribeToChanges(
      { subject, provider, evidenceType, purpose, procedure, basisId },
      await system.call('evidence:request'),
    )
    const position = await endOfFeed()
    watched.hold(2)
    const changedAt = performance.now()
    await fund
      .service('documents', ChangeServiceDefinition)
      .reportChange({ subject: watched.atProvider, evidenceType }, await fund.call('evidence:declare'))

    const asked = { position, types: [changed], pageSize: 0, waitMs: 8000 }
    const page = await events().listEvents(asked, await system.call('events:read'))
    const heardAt = performance.now()
    const heard = page.events.map(({ reference }) => reference)
    expect(heard).toEqual([subscription?.subscriptionId])
    const call = await system.call('evidence:request')
    const about = await changes().getSubscription({ subscriptionId: heard[0] ?? '' }, call)
    expect(about.subscription?.subject).toBe(subject)
    const [found, ...others] = await seek(watched)
    const foundAt = performance.now()
    expect(found?.outcome).toMatchObject({ value: { finding: { answer: Answer.ANSWER_YES } } })
    expect(others).toEqual([])
    const inMs = (from: number, to: number): string => `${Math.round(to - from)} ms`
    process.stdout.write(
      `rights found: ${inMs(changedAt, heardAt)} from the change to the feed, ${inMs(heardAt, foundAt)} from the feed to the finding\n`,
    )
  })
})
