import { nowSeconds } from '@unefois/chassis/clock'
import type { Authorisation } from '@unefois/proto/federation-list'
import type { GivenBasis } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { gives } from '@unefois/proto/mask'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import type { AppointmentView } from '../rest/appointment-views.js'
import { randomSecret } from '../session/secrets.js'
import { toldSection } from './application-form.js'
import { noticesOf, type Source } from './application-plan.js'
import { ownCall, procedureNow } from './application-reading.js'
import { ownAccess, readAppointment } from './appointment-access.js'
import { formKey } from './booking-acts.js'
import { offeredNamed } from './booking-reading.js'
import { isStanding } from './booking-words.js'
import { type Html, html } from './html.js'
import type { PageDoor } from './page-door.js'
import { recordNotice } from './procedure-exchanges.js'
import { formToken, type PersonalVisit } from './visit.js'

/** Time in which the page is still answered when the others were too slow. */
const answerMs = 800

/** Where a person has what the meeting needs asked of those who know it. */
export const preparationLink = (
  { say }: PersonalVisit,
  { appointmentId, preparation }: AppointmentView,
): Html | undefined =>
  preparation && preparation.notObtained.length === 0
    ? undefined
    : html`<p><a href="/appointments/${appointmentId}/preparation">${say('Le faire demander à d’autres organismes', 'Have other bodies asked for it')}</a></p>`

/** Whether a question is about a second person: a page does not know whom. */
const isOfSecondPerson = ({ predicates }: Authorisation, field: string): boolean =>
  predicates.some(({ id, kind }) => id === field && kind === 'related-subject')

/** Who may tell what the meeting needs, where telling the person is enough. */
const sourcesOf = async (door: PageDoor, visit: PersonalVisit, appointment: AppointmentView): Promise<Source[]> => {
  const { federation, config, clock } = door.context
  const { serviceType } = await offeredNamed(door, visit, appointment.serviceTypeId)
  const procedure = serviceType.procedure === '' ? undefined : await procedureNow(door, visit, serviceType.procedure)
  const needed = [
    ...serviceType.evidence.flatMap(({ evidenceType, fields }) => fields.map((field) => ({ evidenceType, field }))),
    ...(procedure?.fields ?? []).flatMap(({ isGivenByPerson, evidence }) =>
      isGivenByPerson || !evidence ? [] : [evidence],
    ),
  ]
  return federation.current
    .authorisationsInForce(nowSeconds(clock))
    .filter(
      ({ requester, purpose, mode }) =>
        requester === config.member && mode === 'information' && (procedure?.purposes.includes(purpose) ?? true),
    )
    .flatMap((authorisation) => {
      const { provider, purpose, evidenceType, legalReference } = authorisation
      const fields = needed.filter(
        (one) =>
          one.evidenceType === evidenceType &&
          gives(authorisation, one.field) &&
          !isOfSecondPerson(authorisation, one.field),
      )
      return fields.length === 0
        ? []
        : [{ provider, purpose, evidenceType, fields: [...new Set(fields.map(({ field }) => field))], legalReference }]
    })
}

/** What is asked of whom before a meeting: shown first, then asked. */
export const addAppointmentPreparation = (door: PageDoor): void => {
  const { neighbours, log } = door.context

  const standing = async (visit: PersonalVisit): Promise<AppointmentView> => {
    const appointment = await readAppointment(door, ownAccess(visit))
    if (!isStanding(appointment)) throw new MeshError('APPOINTMENT_ENDED')
    return appointment
  }

  door.showPersonal('/appointments/:id/preparation', async (visit) => {
    const { say, session } = visit
    const appointment = await standing(visit)
    const told = await sourcesOf(door, visit, appointment)
    const path = `/appointments/${appointment.appointmentId}`
    const plan = { told, later: [], byAgent: [], questions: [], faulty: '', rule: 'asked' as const }
    return {
      title: say('Préparer le rendez-vous', 'Prepare the appointment'),
      body: html`${
        told.length === 0
          ? html`<p>${say('Il n’y a personne à qui le demander sans vous : apportez ce que dit la liste.', 'There is nobody to ask without you: bring what the list says.')}</p>`
          : html`${toldSection(visit, plan)}<form method="post" action="${path}/preparation">${formToken(session)}<input type="hidden" name="key" value="${randomSecret()}"><p><button>${say('Le demander maintenant', 'Ask for it now')}</button></p></form>`
      }<p><a href="${path}">${say('Revenir au rendez-vous', 'Back to the appointment')}</a></p>`,
    }
  })

  door.submit('/appointments/:id/preparation', { key: formKey }, async (visit, sent) => {
    const { person, session, language } = visit
    const appointment = await standing(visit)
    const deadline = visit.deadline.keepingBack(answerMs)
    const notices = noticesOf(door, await sourcesOf(door, visit, appointment))
    const bases = await Promise.all(
      notices.map(async (notice, at): Promise<GivenBasis[]> => {
        const { provider, purpose } = notice
        const asking = {
          subject: person.subject,
          accessToken: session.accessToken,
          deadline,
          key: `${sent.key}.${at}`,
        }
        try {
          return [{ provider, purpose, basisId: await recordNotice(neighbours, notice, language, asking) }]
        } catch (thrown) {
          // One member's notice says nothing about the others.
          log.warn({ reason: toMeshError(thrown).reason, provider }, 'a notice for an appointment was not recorded')
          return []
        }
      }),
    )
    const { appointmentId } = appointment
    await neighbours.appointments.prepareAppointment(
      { appointmentId, bases: bases.flat() },
      { ...ownCall(visit), deadline },
    )
    return { redirectTo: `/appointments/${appointmentId}?done=prepared` }
  })
}
