import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { pivotOf } from '@unefois/deploy/sandbox/people'
import type { Places } from '@unefois/deploy/sandbox/places'
import type { PlannedPerson } from '@unefois/deploy/sandbox/plan'
import { CorrectionServiceDefinition, ListedCorrections } from '@unefois/proto/gen/unefois/documents/v1/corrections'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askConsent, Session } from './_consent.js'
import { enrolAt, freshPerson, sharedFederation } from './_federation.js'
import { pension, Someone } from './_modes.js'
import { agreed, evidenceType, fund, Resident, town } from './_resident.js'
import { Staff } from './_staff.js'

const because = { decidedBy: 'agent-12', why: 'Two entries of one person.' }

let places: Places
let staff: Staff
beforeAll(async () => {
  places = await sharedFederation()
  staff = await Staff.open(places)
})
afterAll(() => staff.close())

/** The authority's staff find that the first is the second. */
const merge = async (first: PlannedPerson, second: PlannedPerson): Promise<void> => {
  const entryOf = async (person: PlannedPerson) =>
    (await staff.register.registerPerson({ pivot: pivotOf(person) }, staff.call())).subject
  await staff.register.mergePersons(
    { from: await entryOf(first), into: await entryOf(second), ...because },
    staff.call(),
  )
}
const soon = { timeout: 10_000, interval: 50 }

describe('somebody who was two people in the register', () => {
  it('keeps consent, evidence, list of uses and corrections under either pseudonym', async () => {
    const first = await Resident.settle(places)
    // Known to the same agencies, which hold nothing about this one.
    const second = await freshPerson(places)
    const [subject, atFund] = await Promise.all([enrolAt(places, town, second), enrolAt(places, fund, second)])
    const told = await first.tell()
    const { exchangeId } = await first.ask(told)
    const session = await Session.open(first)
    const { basisId: consent, consentId } = await session.grant(await askConsent(first))
    session.close()
    const onConsent = { purpose: agreed, procedure: agreed }
    await expect(first.ask(told, { subject })).rejects.toMatchObject({ reason: 'NOTICE_MISMATCH' })
    await expect(first.ask(consent, { ...onConsent, subject })).rejects.toMatchObject({ reason: 'CONSENT_MISMATCH' })

    await merge(first.person, second)
    const outcome = (basisId: string, changes: object) =>
      first.ask(basisId, changes).then(
        (answer) => answer.outcome?.$case,
        ({ reason }) => reason,
      )
    for (const named of [subject, first.subject]) {
      await expect.poll(() => outcome(told, { subject: named }), soon).toBe('evidence')
      await expect.poll(() => outcome(consent, { ...onConsent, subject: named }), soon).toBe('evidence')
    }
    expect((await first.uses()).filter((use) => use.exchangeId === exchangeId)).toHaveLength(2)

    const consents = async () =>
      ((await (await first.atPortal('GET', '/v1/me/consents')).json()) as { consents: { id: string }[] }).consents
    await expect.poll(async () => (await consents()).map(({ id }) => id), soon).toContain(consentId)
    expect((await first.atPortal('DELETE', `/v1/me/consents/${consentId}`)).status).toBe(200)
    await expect.poll(() => outcome(consent, { ...onConsent, subject }), soon).toBe('CONSENT_REVOKED')

    // The fund reports an error under the pseudonym that stands: who received under the other is told.
    const software = new AgencySystem(places, fund)
    const corrections = software.service('documents', CorrectionServiceDefinition)
    const versions = { firstVersion: 1, lastVersion: 1, correctedVersion: 2 }
    const { exchanges } = await corrections.reportCorrection(
      { subject: atFund, evidenceType, versions },
      await software.call('evidence:declare'),
    )
    expect(exchanges).toBeGreaterThanOrEqual(5)
    const atTown = first.town.service('documents', CorrectionServiceDefinition)
    const heard = async () => {
      const asked = {
        listed: ListedCorrections.LISTED_CORRECTIONS_UNSPECIFIED,
        pageSize: 100,
        pageToken: '',
        exchangeId,
        evidenceType: '',
        sinceMs: 0,
      }
      return (await atTown.listCorrections(asked, await first.town.call('evidence:request'))).corrections
    }
    await expect.poll(heard, soon).toMatchObject([{ subject, exchangeId }])
    software.close()
    first.leave()
  })

  it('has opposed under both pseudonyms what was opposed under one, at documents and at consent', async () => {
    const opposed = await Someone.settle(places, pension)
    const other = (await Someone.settle(places, pension)).hold(1)
    const { purpose, provider, evidenceType: type } = pension
    const signed = async (subject: string) =>
      (
        await other.system.consent.recordProactiveUse(
          { subject, provider, purpose, evidenceTypes: [type], campaign: 'autumn' },
          await other.system.call('notice:write'),
        )
      ).basisId
    const [before, theirs] = [await signed(other.subject), await signed(opposed.subject)]
    await opposed.system.documents.recordOpposition(
      { subject: opposed.subject, purpose },
      await opposed.system.call('evidence:request'),
    )
    await merge(opposed.person, other.person)
    const refusalOf = (work: Promise<unknown>) =>
      work.then(
        () => 'none',
        ({ reason }) => reason,
      )
    for (const subject of [other.subject, opposed.subject])
      await expect.poll(() => refusalOf(signed(subject)), soon).toBe('OPPOSITION_STANDS')
    await expect.poll(() => refusalOf(other.ask(before)), soon).toBe('OPPOSITION_STANDS')
    expect(await refusalOf(opposed.ask(theirs))).toBe('OPPOSITION_STANDS')
    for (const each of [opposed, other]) each.leave()
  })
})
