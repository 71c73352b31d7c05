import { z } from 'zod'
import type { MissingView, ProcedureView } from '../rest/eligibility-views.js'
import { randomSecret } from '../session/secrets.js'
import type { FactValue } from '../simulation.js'
import type { ApplicationPlan, Source } from './application-plan.js'
import { applyPath } from './guide-pages.js'
import { type Html, html } from './html.js'
import { numberInWords, unitInWords } from './procedure-words.js'
import { factValueOf, type Kind, type Typed } from './simulator-form.js'
import { typeset } from './typography.js'
import { formToken, type Page, type PersonalVisit, type Visit } from './visit.js'

const mostFields = 60
/** As the contract takes a text. */
export const mostCharacters = 2000
const kinds: readonly string[] = ['number', 'yes-no', 'choice'] satisfies readonly Kind[]

const valueName = (at: number): string => `value${at}`
const factName = (at: number): string => `fact${at}`
const factAbout = (at: number): string => `about${at}`
const places = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)

/** What each form of an application sends: a text for each field that the person gives, and an answer to each question. */
export const applicationForm = {
  key: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  version: z.string().max(64),
  ...Object.fromEntries(
    places(mostFields).flatMap((at) => [
      [
        valueName(at),
        z
          .string()
          .max(mostCharacters * 2)
          .optional(),
      ],
      [factName(at), z.string().max(200).optional()],
      [factAbout(at), z.string().max(120).optional()],
    ]),
  ),
}

/** What somebody has typed so far. */
export interface Applied {
  /** The same from the first page to the last, so that a form sent twice has one effect. */
  readonly key: string
  /** By field of the procedure. */
  readonly entries: Readonly<Record<string, string>>
  readonly facts: readonly Typed[]
}

/** What cannot be sent as it is: names of fields, and of facts. */
export interface ApplyFaults {
  readonly fields: readonly string[]
  readonly facts: readonly string[]
}

export const nothingApplied = (): Applied => ({ key: randomSecret(), entries: {}, facts: [] })

/** The fields that the person gives, in the order of the procedure. */
export const givenFields = ({ fields }: ProcedureView): ProcedureView['fields'] =>
  fields.filter(({ isGivenByPerson }) => isGivenByPerson).slice(0, mostFields)

/** A text as it was typed: browsers send line ends as two characters (HTML, form submission), and count one. */
export const textIn = (sent: string | undefined): string => (sent ?? '').replaceAll('\r\n', '\n').trim()

/** Reads a form that was sent; a fact of a kind that there is not is left out. */
export const appliedIn = (procedure: ProcedureView, sent: { readonly key: string }): Applied => {
  const given = sent as unknown as Readonly<Record<string, string | undefined>>
  const entries = givenFields(procedure).map(({ id }, at) => [id, textIn(given[valueName(at)])] as const)
  const facts = places(mostFields).flatMap((at) => {
    const about = given[factAbout(at)] ?? ''
    const [kind, name] = [about.slice(0, Math.max(about.indexOf(':'), 0)), about.slice(about.indexOf(':') + 1)]
    return kinds.includes(kind) && name !== ''
      ? [{ name, kind: kind as Kind, text: given[factName(at)]?.trim() ?? '' }]
      : []
  })
  return { key: sent.key, entries: Object.fromEntries(entries), facts }
}

/** What was typed, as it would be sent: nothing stands for what was left open. */
export const statedIn = ({
  entries,
  facts,
}: Applied): {
  readonly entries: Readonly<Record<string, string>>
  readonly facts: ReadonlyMap<string, FactValue>
  readonly faults: ApplyFaults
} => {
  const typed = facts.filter(({ text }) => text !== '').map((one) => [one.name, factValueOf(one)] as const)
  return {
    entries: Object.fromEntries(Object.entries(entries).filter(([, text]) => text !== '')),
    facts: new Map(typed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))),
    faults: {
      fields: Object.keys(entries).filter((id) => (entries[id]?.length ?? 0) > mostCharacters),
      facts: typed.flatMap(([name, value]) => (value === undefined ? [name] : [])),
    },
  }
}

/** What must be there before the file is complete, and is not. */
export const missingFields = (procedure: ProcedureView, { entries }: Applied): ProcedureView['fields'] =>
  givenFields(procedure).filter(({ id, isMandatory }) => isMandatory && (entries[id] ?? '') === '')

const factFaultWords = (visit: Visit, { kind, minimum, maximum }: MissingView): string =>
  kind === 'number'
    ? visit.say(
        `Écrivez un nombre de ${numberInWords(visit, minimum ?? 0)} à ${numberInWords(visit, maximum ?? 0)}`,
        `Write a number from ${numberInWords(visit, minimum ?? 0)} to ${numberInWords(visit, maximum ?? 0)}`,
      )
    : visit.say('Choisissez une des réponses', 'Choose one of the answers')

const fieldFaultWords = (visit: Visit): string => {
  const most = numberInWords(visit, mostCharacters)
  return visit.say(`${most} caractères au plus`, `${most} characters at most`)
}

const aboutOf = (name: string, hint: string, fault: string | undefined): Html | undefined => {
  const ids = [...(hint === '' ? [] : [`${name}-hint`]), ...(fault === undefined ? [] : [`${name}-fault`])]
  return ids.length === 0
    ? undefined
    : html` aria-describedby="${ids.join(' ')}"${fault === undefined ? undefined : html` aria-invalid="true"`}`
}

const notes = (name: string, hint: string, fault: string | undefined): Html =>
  html`${hint === '' ? undefined : html`<span class="quiet small" id="${name}-hint">${typeset(hint)}</span>`}${
    fault === undefined ? undefined : html`<strong class="alert small" id="${name}-fault">${fault}</strong>`
  }`

const optionalMark = ({ say }: Visit): Html => html` <span class="quiet">${say('(facultatif)', '(optional)')}</span>`

const entryInput = (
  visit: Visit,
  { id, title, isMandatory }: ProcedureView['fields'][number],
  at: number,
  { entries }: Applied,
  faults: ApplyFaults,
): Html => {
  const name = valueName(at)
  const fault = faults.fields.includes(id) ? fieldFaultWords(visit) : undefined
  return html`<div class="field"><label for="${name}">${visit.words.print(title)}${isMandatory ? undefined : optionalMark(visit)}</label>${notes(name, '', fault)}<textarea id="${name}" name="${name}" rows="2" maxlength="${mostCharacters}"${aboutOf(name, '', fault)}>${entries[id] ?? ''}</textarea></div>`
}

const factInput = (visit: Visit, one: MissingView, at: number, { facts }: Applied, faults: ApplyFaults): Html => {
  const { say } = visit
  const name = factName(at)
  const text = facts.find((each) => each.name === one.name)?.text ?? ''
  const fault = faults.facts.includes(one.name) ? factFaultWords(visit, one) : undefined
  const about = html`<input type="hidden" name="${factAbout(at)}" value="${one.kind}:${one.name}">`
  const described = aboutOf(name, one.hint, fault)
  if (one.kind === 'number') {
    const unit = unitInWords(visit, one.unit)
    return html`<div class="field short"><label for="${name}">${typeset(one.question)}${unit === '' ? undefined : html` <span class="quiet">(${unit})</span>`}</label>${about}${notes(name, one.hint, fault)}<input id="${name}" name="${name}" value="${text}" inputmode="${one.decimals === 0 ? 'numeric' : 'decimal'}" maxlength="20" autocomplete="off"${described}></div>`
  }
  const choices =
    one.kind === 'yes-no'
      ? [
          { value: 'yes', title: say('Oui', 'Yes') },
          { value: 'no', title: say('Non', 'No') },
        ]
      : one.choices
  const open = {
    value: '',
    title: say('Je ne sais pas, ou je préfère ne pas répondre', 'I do not know, or rather not say'),
  }
  return html`<fieldset${described}><legend>${typeset(one.question)}</legend>${about}${notes(name, one.hint, fault)}${[
    ...choices,
    open,
  ].map(
    ({ value, title }, place) =>
      html`<label for="${place === 0 ? name : `${name}-${place}`}"><input type="radio" id="${place === 0 ? name : `${name}-${place}`}" name="${name}" value="${value}"${
        value === text ? html` checked` : undefined
      }> ${typeset(title)}</label>`,
  )}</fieldset>`
}

const faultSummary = (
  visit: Visit,
  procedure: ProcedureView,
  questions: readonly MissingView[],
  faults: ApplyFaults,
): Html | undefined => {
  const { say, words } = visit
  const listed = [
    ...givenFields(procedure).flatMap(({ id, title }, at) =>
      faults.fields.includes(id)
        ? html`<li><a href="#${valueName(at)}">${words.print(title)}</a>${say(' : ', ': ')}${fieldFaultWords(visit)}</li>`
        : [],
    ),
    ...questions.flatMap((one, at) =>
      faults.facts.includes(one.name)
        ? html`<li><a href="#${factName(at)}">${typeset(one.question)}</a> ${factFaultWords(visit, one)}</li>`
        : [],
    ),
  ]
  return listed.length === 0
    ? undefined
    : html`<div class="alert" role="alert"><h2>${say('Il y a quelque chose à corriger', 'There is something to correct')}</h2><ul class="plain">${listed}</ul><p>${say('Rien n’est encore envoyé, et ce que vous avez écrit est resté.', 'Nothing has been sent yet, and what you wrote is still there.')}</p></div>`
}

const sourceList = (visit: Visit, sources: readonly Source[]): Html => {
  const { say, words } = visit
  return html`<ul class="cards">${sources.map(
    ({ provider, evidenceType, fields, legalReference }) =>
      html`<li class="card"><h3>${words.evidenceType(evidenceType)}</h3><dl><dt>${say('Auprès de', 'From')}</dt><dd>${words.member(provider)}</dd>
<dt>${say('Seulement ceci', 'This and no more')}</dt><dd><ul class="plain">${fields.map((field) => html`<li>${fieldTitle(visit, evidenceType, field)}</li>`)}</ul></dd>
<dt>${say('Texte de référence', 'Legal reference')}</dt><dd>${typeset(legalReference)}</dd></dl></li>`,
  )}</ul>`
}

/** The title of a field of evidence, or of a question about it. */
export const fieldTitle = ({ words }: Visit, evidenceType: string, field: string): string => {
  const title = words.field(evidenceType, field)
  return title === field ? words.predicate(evidenceType, field) : title
}

/** What is asked of whom instead of the person, and under which text. */
export const toldSection = (visit: Visit, { told, later, byAgent }: ApplicationPlan): Html => {
  const { say } = visit
  return html`${
    told.length === 0
      ? undefined
      : html`<h2>${say('Ce que nous demandons à votre place', 'What we ask for in your place')}</h2>
<p>${say('Vous n’avez pas à le redire. Quand plusieurs organismes peuvent répondre, nous nous arrêtons au premier qui le sait.', 'You need not say it again. Where several bodies can answer, we stop at the first that knows.')}</p>
${sourceList(visit, told)}
<div class="note"><p>${say(
          'La loi prévoit cet échange pour cette démarche : vous n’avez rien à signer. Vous pouvez faire corriger une donnée, vous opposer à l’échange, ou apporter vous-même un autre justificatif.',
          'The law provides for this exchange in this procedure: you have nothing to sign. You may have data corrected, object to the exchange, or bring other proof yourself.',
        )}</p></div>`
  }${
    later.length === 0
      ? undefined
      : html`<h2>${say('Ce que nous ne demandons qu’avec votre accord', 'What we ask for only if you agree')}</h2>
<p>${say('Rien de ceci n’est demandé maintenant. Déposez d’abord votre demande : un agent vous le proposera si c’est encore utile, et un non n’aura aucune conséquence.', 'Nothing of this is asked for now. Hand in your application first: an agent will offer it to you if it is still of use, and a no will have no consequence.')}</p>
${sourceList(visit, later)}`
  }${
    byAgent.length === 0
      ? undefined
      : html`<h2>${say('Ce qu’un agent demandera ailleurs', 'What an agent will ask for elsewhere')}</h2>
<p>${say('Vous n’avez pas à le redire. En étudiant votre demande, un agent le demandera là où c’est utile ; vous en serez informé, et là où la loi veut votre accord, on vous le demandera d’abord.', 'You need not say it again. While looking at your application, an agent will ask for it where it is of use; you will be told, and where the law wants your consent, you will be asked first.')}</p>
${sourceList(visit, byAgent)}`
  }`
}

/** The form: what is asked of others, then what the person says. Nothing in it must be filled in. */
export const applyPage = (
  visit: PersonalVisit,
  procedure: ProcedureView,
  plan: ApplicationPlan,
  applied: Applied,
  faults: ApplyFaults = { fields: [], facts: [] },
): Page => {
  const { say, words, session } = visit
  const summary = faultSummary(visit, procedure, plan.questions, faults)
  const title = words.print(procedure.title)
  const fields = givenFields(procedure)
  const questions = plan.questions.slice(0, mostFields)
  return {
    title: summary ? `${say('À corriger : ', 'To correct: ')}${title}` : title,
    ...(summary && { status: 422 }),
    body: html`${summary}<p class="lead">${words.print(procedure.summary)}</p>
<p class="note">${say(
      'Vous pouvez déposer votre demande même s’il manque quelque chose : elle est reçue, vous avez un accusé, et vous complétez ensuite.',
      'You can hand in your application even if something is missing: it is received, you have an acknowledgement, and you complete it afterwards.',
    )}</p>
${toldSection(visit, plan)}
<h2>${say('Ce que vous nous dites', 'What you tell us')}</h2>
<form method="post" action="${applyPath(procedure.id)}/check">${formToken(session)}<input type="hidden" name="key" value="${applied.key}"><input type="hidden" name="version" value="${procedure.sha256}">
${
  fields.length + questions.length === 0
    ? html`<p>${say('Rien : tout est demandé à d’autres organismes.', 'Nothing: all of it is asked of other bodies.')}</p>`
    : undefined
}${
  fields.some(({ isMandatory }) => isMandatory)
    ? html`<p class="quiet">${say('Sans la mention « facultatif », nous en avons besoin pour que votre dossier soit complet.', 'Unless it says “optional”, we need it for your file to be complete.')}</p>`
    : undefined
}${fields.map((field, at) => entryInput(visit, field, at, applied, faults))}
${
  questions.length === 0
    ? undefined
    : html`<fieldset class="group"><legend><h2>${say('Ce que vous seul pouvez dire', 'What only you can say')}</h2></legend>
<p>${say('Aucun organisme ne peut nous le dire. Répondez à ce que vous savez ; ne pas répondre n’est pas un refus.', 'No body can tell us. Answer what you know; not to answer is no refusal.')}</p>
${questions.map((one, at) => factInput(visit, one, at, applied, faults))}</fieldset>`
}
<p><button>${say('Vérifier avant de déposer', 'Check before handing in')}</button></p></form>
<p><a href="/guide/${encodeURIComponent(procedure.id)}">${say('Revenir à la démarche', 'Back to the procedure')}</a></p>`,
  }
}

/** Everything typed, in hidden fields. */
export const hiddenApplied = (
  { session }: PersonalVisit,
  procedure: ProcedureView,
  { key, entries, facts }: Applied,
): Html =>
  html`${formToken(session)}<input type="hidden" name="key" value="${key}"><input type="hidden" name="version" value="${procedure.sha256}">${givenFields(
    procedure,
  ).map(({ id }, at) => html`<input type="hidden" name="${valueName(at)}" value="${entries[id] ?? ''}">`)}${facts.map(
    ({ kind, name, text }, at) =>
      html`<input type="hidden" name="${factAbout(at)}" value="${kind}:${name}"><input type="hidden" name="${factName(at)}" value="${text}">`,
  )}`
