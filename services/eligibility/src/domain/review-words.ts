import type { Application } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { daysLater } from './term.js'

type Reader = Pick<Application, 'language'>

/** Days that a person has at least, and at most, for their observations. */
export const fewestDays = 15
export const mostDays = 366

/** What is wrong with the last day for observations; `before` is the day of an earlier invitation, empty where there is none. */
export const untilDayFault = (untilDay: string, today: string, before: string): string | undefined => {
  if (untilDay < daysLater(today, fewestDays) || untilDay > daysLater(today, mostDays))
    return `is ${fewestDays} to ${mostDays} days ahead`
  return untilDay < before ? 'is not before the day that the person was given' : undefined
}

/** What a person reads who is asked for their observations (CRPA L121-1, L122-1). */
export const invitationWords = ({ language }: Reader, what: string, untilDay: string): string =>
  language === 'en'
    ? `${what}\n\nNothing has been decided. You can say what you have to say here, or by letter, until ${untilDay} included. You can also ask to be heard in person, and have somebody of your choice assist or represent you (CRPA, articles L121-1 and L122-1).`
    : `${what}\n\nRien n’est décidé. Vous pouvez présenter vos observations ici, ou par courrier, jusqu’au ${untilDay} inclus. Vous pouvez aussi demander à être entendu, et vous faire assister ou représenter par la personne de votre choix (CRPA, articles L121-1 et L122-1).`

/** What a person reads whose decision was looked at again and stays. */
export const upheldWords = ({ language }: Reader, words: string): string =>
  language === 'en'
    ? `We looked at your decision again. It stays as it is. ${words}`
    : `Nous avons revu votre décision. Elle ne change pas. ${words}`
