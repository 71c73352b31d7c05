import type { Authorisation } from '@unefois/proto/federation-list'
import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { randomSecret } from '../session/secrets.js'
import { type Html, html } from './html.js'
import type { PageDoor } from './page-door.js'
import type { Procedure } from './procedure.js'
import { formToken, type Page, type PersonalVisit, type Visit } from './visit.js'

/** Version of the two texts below; kept with each statement, as are the texts themselves. */
const textVersion = '2026-11'
// The articles are to be confirmed by a lawyer.
const french =
  'Je déclare sur l’honneur que ces informations sont exactes. Je sais qu’une fausse déclaration est punie par la loi (code pénal, articles 441-6 et 441-7).'
const english =
  'I state on my honour that this information is true. I know that a false statement is punished by law (French criminal code, articles 441-6 and 441-7).'

const mostFields = 20
const exchange = z.uuid()
const type = z.string().min(1).max(64)
const valueName = (at: number): string => `value${at}`
const values = Object.fromEntries(
  Array.from({ length: mostFields }, (_, at) => [valueName(at), z.string().max(1000).optional()]),
)

/** Where a person states on their honour what an exchange did not bring. */
export const honourAddress = (purpose: string, evidenceType: string, exchangeId: string): string =>
  `/procedures/${encodeURIComponent(purpose)}/honour?${new URLSearchParams({ type: evidenceType, exchange: exchangeId }).toString()}`

/** The link, where the federation names this way on for the evidence type. */
export const honourLink = (
  visit: Visit,
  { purpose, evidenceType }: Authorisation,
  exchangeId: string,
): Html | undefined =>
  visit.words.routesOf(evidenceType).some(({ kind }) => kind === 'statement-on-honour')
    ? html`<p><a class="button" href="${honourAddress(purpose, evidenceType, exchangeId)}">${visit.say('Le déclarer sur l’honneur', 'State it on my honour')}</a></p>`
    : undefined

/** Error: PURPOSE_NOT_AUTHORISED where the procedure asks nothing of this type. */
const authorisationOf = ({ told, asked, wanted }: Procedure, evidenceType: string): Authorisation => {
  const found = [...told, ...asked, ...wanted].find((one) => one.evidenceType === evidenceType)
  if (!found) throw new MeshError('PURPOSE_NOT_AUTHORISED')
  return found
}

/** For each field the members that hold it in reach, which the person is not asked for (CRPA L113-12). */
type Holders = ReadonlyMap<string, readonly string[]>

/** Where the meter does not answer, the person may state everything: nobody is held up. */
const holdersOf = async (
  { context }: PageDoor,
  { deadline, session, person }: PersonalVisit,
  { purpose, evidenceType, fields }: Authorisation,
): Promise<Holders> => {
  const asking = {
    subject: person.subject,
    purpose,
    procedure: purpose,
    fields: fields.slice(0, mostFields).map((field) => ({ evidenceType, field })),
    refusedConsentRequestId: '',
    isOwnWish: false,
  }
  try {
    const { needs } = await context.neighbours.reAsks.checkNeed(
      { asking },
      { deadline, accessToken: session.accessToken },
    )
    return new Map(needs.flatMap(({ field, holders }) => (field && holders.length > 0 ? [[field.field, holders]] : [])))
  } catch (thrown) {
    context.log.warn({ reason: toMeshError(thrown).reason }, 'the re-ask meter did not answer; every field is shown')
    return new Map()
  }
}

const held = ({ say, words }: Visit, evidenceType: string, field: string, holders: readonly string[]): Html =>
  html`<p class="note">${words.field(evidenceType, field)} : ${say('vous n’avez pas à le dire, il suffit de le demander à', 'you need not say it, it can be asked of')} ${holders.map((id) => words.member(id)).join(', ')}.</p>`

const form = (
  visit: PersonalVisit,
  { purpose, evidenceType, fields }: Authorisation,
  exchangeId: string,
  holders: Holders,
): Page => {
  const { say, words, session } = visit
  return {
    title: say('Déclarer sur l’honneur', 'State on your honour'),
    body: html`<p class="lead">${words.evidenceType(evidenceType)}</p>
<p>${say(
      'Aucun organisme n’a pu le confirmer. Remplissez ce que vous savez ; votre déclaration reste ici et porte la mention « déclaré sur l’honneur ».',
      'No body could confirm it. Fill in what you know; your statement stays here and is marked “stated on honour”.',
    )}</p>
<form method="post" action="/procedures/${encodeURIComponent(purpose)}/honour">${formToken(session)}
<input type="hidden" name="key" value="${randomSecret()}"><input type="hidden" name="type" value="${evidenceType}"><input type="hidden" name="exchange" value="${exchangeId}">
${fields.slice(0, mostFields).map((field, at) => {
  const members = holders.get(field)
  return members
    ? held(visit, evidenceType, field, members)
    : html`<p><label for="${valueName(at)}">${words.field(evidenceType, field)}</label><input id="${valueName(at)}" name="${valueName(at)}" maxlength="1000" autocomplete="off"></p>`
})}
<p class="note">${say(french, english)}</p>
<p><label><input type="checkbox" name="agreed" value="yes" required> ${say('J’ai lu ce texte et je le confirme', 'I have read this text and confirm it')}</label></p>
<p><button>${say('Déclarer', 'State it')}</button></p></form>
<p><a href="/procedures/${encodeURIComponent(purpose)}">${say('Revenir à la démarche', 'Back to the procedure')}</a></p>`,
  }
}

interface Stated {
  readonly field: string
  readonly value: string
}

const done = ({ say, words }: Visit, evidenceType: string, stated: readonly Stated[]): Page => ({
  title: say('Votre déclaration est enregistrée', 'Your statement is recorded'),
  body: html`<section class="card"><header><h2>${words.evidenceType(evidenceType)}</h2><span class="tag watch">${say('Déclaré sur l’honneur', 'Stated on honour')}</span></header>
<dl>${stated.map(({ field, value }) => html`<dt>${words.field(evidenceType, field)}</dt><dd>${value}</dd>`)}</dl></section>
<p>${say('Elle n’est transmise à aucun autre organisme.', 'It is sent to no other body.')}</p>
<p><a class="button" href="/">${say('Retour à l’accueil', 'Back to the home page')}</a></p>`,
})

/** Where no source confirmed something, its person may state it on their honour, with the warning that goes with that. */
export const addHonourPages = (door: PageDoor, procedureOf: (purpose: string | undefined) => Procedure): void => {
  const { documents } = door.context.neighbours
  const query = z.object({ type, exchange })
  door.showPersonal('/procedures/:purpose/honour', async (visit) => {
    const procedure = procedureOf(visit.params.purpose)
    const read = query.safeParse(visit.query)
    if (!read.success)
      throw new MeshError('REQUEST_INVALID', { facts: { field: read.error.issues[0]?.path.join('.') ?? '' } })
    const authorisation = authorisationOf(procedure, read.data.type)
    return form(visit, authorisation, read.data.exchange, await holdersOf(door, visit, authorisation))
  })
  const key = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
  const fields = { ...values, key, type, exchange, agreed: z.literal('yes') }
  door.submit('/procedures/:purpose/honour', fields, async (visit, sent) => {
    const authorisation = authorisationOf(procedureOf(visit.params.purpose), sent.type)
    const given = sent as Readonly<Record<string, string | undefined>>
    const stated = authorisation.fields.slice(0, mostFields).flatMap((field, at) => {
      const value = given[valueName(at)]?.trim() ?? ''
      return value === '' ? [] : [{ field, value }]
    })
    if (stated.length === 0) throw new MeshError('REQUEST_INVALID', { facts: { field: valueName(0) } })
    await documents.recordStatementOnHonour(
      {
        subject: visit.person.subject,
        exchangeId: sent.exchange,
        values: stated,
        text: visit.language === 'fr' ? french : english,
        textVersion,
        language: visit.language,
        channel: Channel.CHANNEL_ONLINE,
      },
      { deadline: visit.deadline, accessToken: visit.session.accessToken, idempotencyKey: sent.key },
    )
    return done(visit, sent.type, stated)
  })
}
