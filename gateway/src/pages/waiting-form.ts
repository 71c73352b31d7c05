import { localDay } from '../rest/calendar-schemas.js'
import type { ChannelName, OfferedView } from '../rest/calendar-views.js'
import { randomSecret } from '../session/secrets.js'
import { bookPath } from './booking.js'
import { type Channels, type Said, saidFaults, saidForm, saidLabels } from './booking-form.js'
import { channelInWords } from './booking-words.js'
import { type Faults, faultSummary, radioField, selectField } from './form-fields.js'
import { type Html, html } from './html.js'
import { formToken, type Page, type PersonalVisit, type Visit } from './visit.js'

/** What somebody wants to wait for, as it was typed. */
export interface Wished {
  readonly from: string
  readonly to: string
  readonly place: string
  readonly channel: ChannelName | ''
  readonly how: string
  readonly said: Said
}

const dateField = ({ say }: Visit, name: 'from' | 'to', label: string, value: string, faults: Faults): Html =>
  html`<div class="field"><label for="${name}">${label}</label>${
    faults.has(name) ? html`<strong class="alert small" id="${name}-fault">${faults.get(name)}</strong>` : undefined
  }<input type="date" id="${name}" name="${name}" value="${value}"${
    faults.has(name) ? html` aria-describedby="${name}-fault" aria-invalid="true"` : undefined
  } placeholder="${say('AAAA-MM-JJ', 'YYYY-MM-DD')}"></div>`

const labelsOf = (visit: Visit, channels: Channels): Readonly<Record<string, string>> => ({
  ...saidLabels(visit, channels),
  from: visit.say('Du', 'From'),
  to: visit.say('Au', 'To'),
  how: visit.say('Quand une place se libère', 'When a time becomes free'),
})

/** The form of a waiting. */
export const waitPage = (
  visit: PersonalVisit,
  { serviceType, places }: OfferedView,
  wished: Wished,
  faults: Faults,
): Page => {
  const { say, words, session } = visit
  const labels = labelsOf(visit, serviceType.channels)
  const any = { value: '', title: say('Peu importe', 'No matter') }
  const path = bookPath(serviceType.serviceTypeId)
  const title = say('Être prévenu quand une place se libère', 'Be told when a time becomes free')
  return {
    title: faults.size > 0 ? `${say('À corriger : ', 'To correct: ')}${title}` : title,
    ...(faults.size > 0 && { status: 422 }),
    body: html`${faultSummary(visit, faults, labels)}<p class="lead">${words.print(serviceType.title)}</p>
<p>${say('La place va à qui attend depuis le plus longtemps.', 'The time goes to who has waited longest.')} ${say(
      'Si vous demandez un aménagement ou un interprète, nous attendons un lieu adapté et un agent qui parle cette langue.',
      'If you ask for an arrangement or an interpreter, we wait for a suitable place and an agent who speaks that language.',
    )}</p>
<form method="post" action="${path}/wait">${formToken(session)}<input type="hidden" name="key" value="${randomSecret()}">
${dateField(visit, 'from', labels.from ?? '', wished.from, faults)}${dateField(visit, 'to', labels.to ?? '', wished.to, faults)}
${
  places.length > 1
    ? selectField({
        name: 'place',
        label: say('Lieu', 'Place'),
        value: wished.place,
        choices: [any, ...places.map((one) => ({ value: one.placeId, title: words.print(one.title) }))],
      })
    : undefined
}${
  serviceType.channels.length > 1
    ? selectField({
        name: 'channel',
        label: say('Comment être reçu', 'How to be seen'),
        value: wished.channel,
        choices: [
          any,
          ...serviceType.channels
            .filter((one) => one !== 'unknown')
            .map((one) => ({ value: one, title: channelInWords(visit, one) })),
        ],
      })
    : undefined
}${radioField({
  name: 'how',
  label: labels.how ?? '',
  value: wished.how,
  fault: faults.get('how'),
  choices: [
    { value: 'offer', title: say('Me la proposer, et je réponds', 'Offer it to me, and I answer') },
    { value: 'book', title: say('La prendre tout de suite pour moi', 'Take it for me at once') },
  ],
})}
${saidForm(visit, wished.said, faults, serviceType.channels)}
<p><button>${say('Attendre une place', 'Wait for a time')}</button></p></form>
<p><a href="${path}">${say('Revenir aux horaires libres', 'Back to the free times')}</a></p>`,
  }
}

/** The channels for which it must be known where they are reached; of any that is offered only where they say so. */
export const reachedChannels = ({ channel, said }: Wished, { channels }: OfferedView['serviceType']): Channels => {
  if (channel !== '') return [channel]
  return said.reached === '' ? [] : channels
}

/** What is wrong with what was typed. */
export const waitFaults = (visit: Visit, wished: Wished, serviceType: OfferedView['serviceType']): Faults => {
  const { from, to, how, said } = wished
  const { say } = visit
  const faults = new Map<string, string>()
  const wrong = say('Écrivez un jour comme 2026-11-24', 'Write a day such as 2026-11-24')
  if (!localDay.safeParse(from).success) faults.set('from', wrong)
  if (!localDay.safeParse(to).success) faults.set('to', wrong)
  else if (!faults.has('from') && to < from)
    faults.set('to', say('Ce jour est avant le premier', 'This day is before the first'))
  if (how !== 'offer' && how !== 'book')
    faults.set('how', say('Choisissez une des réponses', 'Choose one of the answers'))
  return new Map([...faults, ...saidFaults(visit, said, reachedChannels(wished, serviceType))])
}
