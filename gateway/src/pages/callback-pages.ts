import { reasons, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { calendarId } from '../rest/calendar-schemas.js'
import type { OfferedView } from '../rest/calendar-views.js'
import { randomSecret } from '../session/secrets.js'
import { ownCall } from './application-reading.js'
import { bookPath } from './booking.js'
import { formKey } from './booking-acts.js'
import { offeredNamed } from './booking-reading.js'
import { type Faults, faultSummary, lineField, linesField, noFaults, selectField } from './form-fields.js'
import { html } from './html.js'
import type { PageDoor } from './page-door.js'
import { telephoneIn } from './telephone.js'
import { formToken, type Page, type PersonalVisit } from './visit.js'

const mostAbout = 500

interface Wished {
  readonly telephone: string
  readonly about: string
  readonly place: string
}

const callbackPage = (
  visit: PersonalVisit,
  { serviceType, places }: OfferedView,
  wished: Wished,
  faults: Faults,
): Page => {
  const { say, words, session } = visit
  const labels = { telephone: say('Votre numéro', 'Your number'), about: say('À quel sujet', 'What it is about') }
  const path = bookPath(serviceType.serviceTypeId)
  const title = say('Demander à être rappelé', 'Ask to be called')
  return {
    title: faults.size > 0 ? `${say('À corriger : ', 'To correct: ')}${title}` : title,
    ...(faults.size > 0 && { status: 422 }),
    body: html`${faultSummary(visit, faults, labels)}<p class="lead">${words.print(serviceType.title)}</p>
<p>${say('Nous vous disons qui vous appelle, et avant quand.', 'We tell you who calls you, and by when.')}</p>
<form method="post" action="${path}/callback">${formToken(session)}<input type="hidden" name="key" value="${randomSecret()}">
${lineField({
  name: 'telephone',
  label: labels.telephone,
  value: wished.telephone,
  fault: faults.get('telephone'),
  more: html` inputmode="tel" autocomplete="tel" maxlength="30"`,
})}${
  places.length > 1
    ? selectField({
        name: 'place',
        label: say('Lieu', 'Place'),
        value: wished.place,
        choices: [
          { value: '', title: say('Peu importe', 'No matter') },
          ...places.map((one) => ({ value: one.placeId, title: words.print(one.title) })),
        ],
      })
    : undefined
}${linesField({
  name: 'about',
  label: `${labels.about} ${say('(facultatif)', '(optional)')}`,
  value: wished.about,
  fault: faults.get('about'),
  most: mostAbout,
})}<p><button>${say('Être rappelé', 'Be called')}</button></p></form>
<p><a href="${path}">${say('Revenir aux horaires libres', 'Back to the free times')}</a></p>`,
  }
}

const enoughCallbacks = ({ say }: PersonalVisit): Page => ({
  title: say('Vous attendez déjà plusieurs appels', 'You wait for several calls already'),
  status: reasons.APPOINTMENT_LIMIT_REACHED.http,
  body: html`<p class="lead">${say('Nous vous appelons d’abord pour ceux-là. Si c’est urgent, appelez-nous ou venez.', 'We call you about those first. If it is urgent, call us or come.')}</p><p><a class="button" href="/appointments#callbacks">${say('Voir qui m’appelle, et quand', 'See who calls me, and when')}</a></p>`,
})

/** Asking to be called. */
export const addCallbackPages = (door: PageDoor): void => {
  door.showPersonal('/book/:id/callback', async (visit) =>
    callbackPage(
      visit,
      await offeredNamed(door, visit, visit.params.id),
      { telephone: '', about: '', place: '' },
      noFaults,
    ),
  )

  const fields = {
    key: formKey,
    telephone: z.string().max(60).default(''),
    about: z
      .string()
      .max(mostAbout * 2)
      .default(''),
    place: calendarId.or(z.literal('')).default(''),
  }
  door.submit('/book/:id/callback', fields, async (visit, sent) => {
    const { say, person, language } = visit
    const offered = await offeredNamed(door, visit, visit.params.id)
    const about = sent.about.replaceAll('\r\n', '\n').trim()
    const wished = { telephone: sent.telephone.trim(), about, place: sent.place }
    const telephone = telephoneIn(sent.telephone)
    const wrong = say('Écrivez un numéro comme 06 12 34 56 78', 'Write a number such as 06 12 34 56 78')
    const faults = new Map([
      ...(telephone === undefined ? [['telephone', wrong] as const] : []),
      ...(about.length > mostAbout
        ? [['about', say('500 caractères au plus', '500 characters at most')] as const]
        : []),
    ])
    if (telephone === undefined || faults.size > 0) return callbackPage(visit, offered, wished, faults)
    try {
      await door.context.neighbours.callbacks.requestCallback(
        {
          subject: person.subject,
          serviceTypeId: offered.serviceType.serviceTypeId,
          placeId: sent.place,
          telephone,
          about,
          language,
          by: undefined,
        },
        { ...ownCall(visit), idempotencyKey: sent.key },
      )
      return { redirectTo: '/appointments#callbacks' }
    } catch (thrown) {
      const { reason, facts } = toMeshError(thrown)
      if (reason === 'APPOINTMENT_LIMIT_REACHED') return enoughCallbacks(visit)
      if (reason !== 'APPOINTMENT_INVALID' || facts.field !== 'telephone') throw thrown
      return callbackPage(visit, offered, wished, new Map([['telephone', wrong]]))
    }
  })
}
