import { isReason, type Reason } from '@unefois/proto/reasons'
import type { Language } from '../language.js'
import { wordsOf } from '../problem.js'
import { appointmentWords } from './appointment-plain-words.js'

type Two = readonly [french: string, english: string]
interface Words {
  readonly title: string
  readonly next: string
}

const again: Two = ['Attendez un instant, puis réessayez.', 'Wait a moment, then try again.']
const nothingToDo: Two = [
  'Vous n’avez rien fait de mal. Réessayez dans un instant ; si cela continue, appelez-nous.',
  'You did nothing wrong. Try again in a moment; if it goes on, call us.',
]
const formAgain: Two = [
  'Rien n’a été enregistré. Revenez à la page et envoyez-la de nouveau.',
  'Nothing was recorded. Go back to the page and send it again.',
]
const notReady: Two = ['Ce service ne répond pas pour le moment', 'This service does not answer at the moment']
const loginAgain: Two = ['Votre connexion a pris fin', 'Your login has ended']
const samePerson: Two = [
  'Une demande d’accord ne se montre qu’à la personne à qui elle s’adresse. Si c’est vous, connectez-vous à votre nom et ouvrez de nouveau le lien ; sinon, vous n’avez rien à faire.',
  'A request for consent shows itself only to the person it is addressed to. If that is you, log in in your own name and open the link again; if not, there is nothing for you to do.',
]

/** What a page says to a person whose request was refused: what happened, and what to do. */
const pages: Partial<Readonly<Record<Reason, readonly [title: Two, next: Two]>>> = {
  ...appointmentWords,
  LOGIN_REQUIRED: [
    ['Connectez-vous pour voir cette page', 'Log in to see this page'],
    [
      'Elle ne concerne que vous ; nous devons donc savoir que c’est bien vous.',
      'It concerns only you, so we need to know that it is you.',
    ],
  ],
  LOGIN_HANDLE_INVALID: [loginAgain, ['Connectez-vous de nouveau pour continuer.', 'Log in again to go on.']],
  TOKEN_EXPIRED: [loginAgain, ['Connectez-vous de nouveau pour continuer.', 'Log in again to go on.']],
  ASSURANCE_TOO_LOW: [
    ['Une connexion plus sûre est nécessaire ici', 'A stronger login is needed here'],
    [
      'Cette page protège des données sensibles. Connectez-vous de nouveau avec un moyen plus sûr.',
      'This page protects sensitive data. Log in again by a stronger means.',
    ],
  ],
  METHOD_UNKNOWN: [
    ['Cette page n’existe pas', 'This page does not exist'],
    ['L’adresse est peut-être incomplète.', 'The address may be incomplete.'],
  ],
  PURPOSE_NOT_AUTHORISED: [
    ['Cette démarche n’est pas proposée ici', 'This procedure is not offered here'],
    [
      'L’adresse est peut-être incomplète, ou la démarche se fait autrement. Appelez-nous, ou venez.',
      'The address may be incomplete, or the procedure is done another way. Call us, or come.',
    ],
  ],
  REQUEST_INVALID: [['Il manque quelque chose', 'Something is missing'], formAgain],
  REQUEST_MALFORMED: [['Nous n’avons pas pu lire votre demande', 'We could not read your request'], formAgain],
  REQUEST_TOO_LARGE: [['Nous n’avons pas pu lire votre demande', 'We could not read your request'], formAgain],
  CONTENT_TYPE_UNSUPPORTED: [['Nous n’avons pas pu lire votre demande', 'We could not read your request'], formAgain],
  IDEMPOTENCY_IN_PROGRESS: [['Votre demande est déjà en cours', 'Your request is already under way'], again],
  ORIGIN_NOT_ALLOWED: [
    ['Par prudence, rien n’a été enregistré', 'To be safe, nothing was recorded'],
    [
      'Ce formulaire n’est pas parti de notre page, ou la page était ouverte depuis trop longtemps. Si c’est bien vous, ouvrez la page de nouveau et envoyez-la ; sinon, vous n’avez rien à faire.',
      'This form was not sent from our page, or the page had been open for too long. If it was you, open the page again and send it; if not, there is nothing for you to do.',
    ],
  ],
  CONSENT_REQUEST_UNKNOWN: [['Cette demande n’est pas à votre nom', 'This request is not in your name'], samePerson],
  CONSENT_REQUEST_CLOSED: [
    ['Cette demande est close', 'This request is closed'],
    [
      'Vous y avez déjà répondu, ou le délai est passé. Vos réponses sont sur le portail.',
      'You have answered it, or its time has passed. Your answers are at the portal.',
    ],
  ],
  CONSENT_UNKNOWN: [
    ['Nous ne trouvons pas cet accord à votre nom', 'We find no such consent in your name'],
    ['Vos accords sont tous sur votre page.', 'All your consents are on your page.'],
  ],
  EXCHANGE_UNKNOWN: [
    ['Nous ne trouvons pas cette inscription à votre nom', 'We find no such entry in your name'],
    ['Les inscriptions à votre nom sont sur votre page.', 'The entries in your name are on your page.'],
  ],
  RETURN_URL_NOT_REGISTERED: [
    ['Nous ne pouvons pas vous ramener d’où vous venez', 'We cannot take you back where you came from'],
    [
      'Rien n’a été enregistré. Reprenez la démarche sur le site de l’organisme qui vous demande votre accord.',
      'Nothing was recorded. Start again from the site of the body that asks for your consent.',
    ],
  ],
  SUBJECT_UNKNOWN: [
    ['Nous ne vous connaissons pas encore', 'We do not know you yet'],
    [
      'Ce n’est pas un refus. Un agent peut vous inscrire, au guichet ou par téléphone.',
      'This is no refusal. Somebody can enrol you, at the counter or by telephone.',
    ],
  ],
  PROCEDURE_UNKNOWN: [
    ['Cette démarche n’est pas proposée ici', 'This procedure is not offered here'],
    [
      'L’adresse est peut-être incomplète, ou la démarche se fait autrement. Appelez-nous, ou venez.',
      'The address may be incomplete, or the procedure is done another way. Call us, or come.',
    ],
  ],
  APPLICATION_UNKNOWN: [
    ['Nous ne trouvons pas cette demande à votre nom', 'We find no such application in your name'],
    [
      'Vos demandes sont toutes sur la page « Mes demandes ». Si vous l’avez déposée autrement, appelez-nous.',
      'All your applications are on the page “My applications”. If you handed it in another way, call us.',
    ],
  ],
  APPLICATION_NOT_TAKEN: [
    ['Cette demande ne se dépose pas en ligne ici', 'This cannot be applied for online here'],
    [
      'La page de la démarche dit à qui vous adresser et comment.',
      'The page of the procedure says whom to turn to and how.',
    ],
  ],
  APPLICATION_INVALID: [
    ['Quelque chose ne convient pas à cette démarche', 'Something does not fit this procedure'],
    formAgain,
  ],
  APPLICATION_ENDED: [
    ['Cette demande est déjà décidée ou retirée', 'This application is decided or withdrawn already'],
    [
      'Sa page dit ce qui a été décidé et ce que vous pouvez faire. Vous pouvez aussi déposer une nouvelle demande.',
      'Its page says what was decided and what you can do. You may also apply anew.',
    ],
  ],
  APPLICATION_LIMIT_REACHED: [
    ['Vous avez déposé beaucoup de demandes aujourd’hui', 'You have handed in many applications today'],
    [
      'Complétez l’une d’elles, revenez demain, ou venez au guichet : là, elle sera prise.',
      'Complete one of them, come back tomorrow, or come to the counter: there it will be taken.',
    ],
  ],
  ACCEPTANCE_NOT_GIVEN: [
    ['Il n’y a pas d’attestation pour cette demande', 'There is no attestation for this application'],
    [
      'Elle existe quand notre silence a valu un oui. La page de la demande dit où elle en est.',
      'There is one when our silence has become a yes. The page of the application says how it stands.',
    ],
  ],
  DECISION_UNKNOWN: [
    ['Il n’y a pas encore de décision', 'There is no decision yet'],
    ['La page de votre demande dit où elle en est.', 'The page of your application says how it stands.'],
  ],
  DECISION_WITHOUT_ALGORITHM: [
    ['Aucun calcul automatique n’a servi à cette décision', 'No automatic computation had part in this decision'],
    [
      'Ses raisons sont sur la page de votre demande. Vous pouvez aussi nous les demander.',
      'Its reasons are on the page of your application. You may also ask us for them.',
    ],
  ],
  RATE_LIMITED: [['Trop de demandes en peu de temps', 'Too many requests in a short time'], again],
  PROVIDER_UNREACHABLE: [['L’autre organisme ne répond pas', 'The other body does not answer'], again],
  DEADLINE_EXCEEDED: [['La réponse a mis trop de temps', 'The answer took too long'], again],
  UNAVAILABLE: [notReady, nothingToDo],
  FEDERATION_LIST_EXPIRED: [notReady, nothingToDo],
  INTERNAL: [['Quelque chose n’a pas marché chez nous', 'Something went wrong on our side'], nothingToDo],
}

/** Why an exchange about a person was refused; nothing was sent in any of these cases. */
const refusals: Partial<Readonly<Record<Reason, Two>>> = {
  CONSENT_REVOKED: ['Vous aviez retiré votre accord.', 'You had withdrawn your consent.'],
  CONSENT_REFUSED: ['Vous aviez dit non.', 'You had said no.'],
  CONSENT_EXPIRED: ['Votre accord avait pris fin.', 'Your consent had ended.'],
  CONSENT_REQUIRED: [
    'Il fallait votre accord, et vous ne l’aviez pas donné.',
    'It took your consent, and you had given none.',
  ],
  CONSENT_MISMATCH: ['Votre accord portait sur autre chose.', 'Your consent was for something else.'],
  REVOCATION_FEED_STALE: [
    'Il n’était pas certain que votre accord valait encore.',
    'It was not certain that your consent still held.',
  ],
  STATEMENT_REQUIRED: ['Rien ne disait que vous l’aviez demandé.', 'Nothing said that you had asked for it.'],
  STATEMENT_MISMATCH: [
    'Ce qui avait été demandé portait sur autre chose.',
    'What had been asked for was something else.',
  ],
  PREVIEW_REQUIRED: ['Vous n’aviez pas encore vu ce qui serait transmis.', 'You had not seen yet what would be sent.'],
  PREVIEW_DECLINED: [
    'Vous aviez vu ce qui serait transmis, et dit non.',
    'You had seen what would be sent, and said no.',
  ],
  OPPOSITION_STANDS: ['Vous vous y étiez opposé.', 'You had opposed it.'],
  NOTICE_REQUIRED: ['Cela ne vous avait pas été dit.', 'You had not been told of it.'],
  NOTICE_MISMATCH: ['Ce qui vous avait été dit portait sur autre chose.', 'You had been told of something else.'],
  PURPOSE_NOT_AUTHORISED: [
    'Cet organisme n’a pas le droit de demander ces données.',
    'This body has no right to ask for these data.',
  ],
  FIELD_NOT_AUTHORISED: [
    'Cet organisme n’a pas le droit de demander toutes ces données.',
    'This body has no right to ask for all of these data.',
  ],
  SENDER_MISMATCH: [
    'La demande portait la signature d’un autre organisme.',
    'The request bore the signature of another body.',
  ],
  TICKET_MISUSED: [
    'La demande se servait d’un titre fait pour une autre.',
    'The request used a title made for another.',
  ],
  TICKET_INVALID: ['La demande n’avait pas de titre valable.', 'The request had no valid title.'],
  TOKEN_REPLAYED: ['Cette demande avait déjà servi.', 'This request had been used before.'],
  ASSURANCE_TOO_LOW: ['Il fallait une connexion plus sûre de votre part.', 'It took a stronger login on your part.'],
  PREDICATE_LIMIT_REACHED: ['La question avait été posée trop souvent.', 'The question had been asked too often.'],
  SUBJECT_UNKNOWN: ['Cet organisme ne vous connaissait pas.', 'That body did not know you.'],
  PROVIDER_UNREACHABLE: ['L’organisme n’a pas répondu à temps.', 'That body did not answer in time.'],
}

const inLanguage = (words: Two, language: Language): string => words[language === 'fr' ? 0 : 1]

/** A refusal for the person whose own request met it; the reference's words where no page has plainer ones. */
export const plainWordsOf = (reason: Reason, language: Language): Words => {
  const found = pages[reason]
  if (found) return { title: inLanguage(found[0], language), next: inLanguage(found[1], language) }
  const { title, next } = wordsOf(reason, language)
  return { title: title.replace(/\.$/, ''), next }
}

/** One sentence on a refused exchange; an unknown reason stands for itself. */
export const whyRefused = (reason: string, language: Language): string => {
  if (!isReason(reason)) return reason
  const found = refusals[reason]
  return found ? inLanguage(found, language) : wordsOf(reason, language).title
}
