import {
  type DeclarationKind,
  type DeclarationReceiver,
  type Declared,
  readDeclared,
} from '@unefois/proto/declaration-kind'
import { isMemberId } from '@unefois/proto/ids'
import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { OwnDeclarations } from '../own-declarations.js'
import {
  checkPage,
  declarationForm,
  type Filled,
  type FormFaults,
  filledIn,
  formPage,
  nothingFilled,
} from './declaration-form.js'
import { declarationsSection, mostSupplementCharacters, sentPage } from './declaration-sections.js'
import { html } from './html.js'
import type { PageDoor } from './page-door.js'
import type { Page, PersonalVisit, Visit } from './visit.js'

interface Chosen {
  readonly kind: DeclarationKind
  readonly receivers: readonly DeclarationReceiver[]
}

const kindOf = async (own: OwnDeclarations, visit: PersonalVisit): Promise<Chosen> => {
  const { person, session, deadline, params } = visit
  const kind = own.kind(params.kind ?? '', person)
  return { kind, receivers: await own.receivers(kind, { person, accessToken: session.accessToken, deadline }) }
}

const nobodyPage = ({ say, words }: Visit, kind: DeclarationKind): Page => ({
  title: words.print(kind.title),
  body: html`<p class="lead">${say(
    'Aucun des organismes qui reçoivent cette déclaration ne vous connaît encore.',
    'None of the bodies that receive this declaration knows you yet.',
  )}</p><p>${say(
    'Ce n’est pas un refus : dites-le-leur au guichet, par téléphone ou par courrier.',
    'This is no refusal: tell them at a counter, by telephone or by post.',
  )}</p><ul class="plain">${kind.receivers.map(
    ({ member, service, address, telephone }) =>
      html`<li><strong>${words.member(member)}</strong>${say(' : ', ': ')}${words.print(service)}, ${address}, ${telephone}</li>`,
  )}</ul>`,
})

/** What was sent, checked: as it will be told, or what is not right yet. */
const checked = (
  { kind, receivers }: Chosen,
  filled: Filled,
  version: string,
): { readonly declared: Declared } | { readonly faults: FormFaults } => {
  const read = readDeclared(kind, filled.content)
  const isNobodyChosen = filled.agencies.length === 0
  if ('faults' in read) return { faults: { fields: read.faults, isNobodyChosen } }
  // A form of another version may have asked for something else in these places.
  if (isNobodyChosen || version !== kind.textVersion) return { faults: { fields: [], isNobodyChosen: true } }
  const stranger = filled.agencies.find((id) => !receivers.some(({ member }) => member === id))
  if (stranger !== undefined) throw new MeshError('DECLARATION_NOT_RECEIVED')
  return { declared: read.declared }
}

/** What people declare of their own accord: a form once, a check, and a receipt from each body that they chose. */
export const addDeclarationPages = (door: PageDoor): void => {
  const own = new OwnDeclarations(door.context)

  door.showPersonal('/declarations', async (visit) => {
    const { say, words, person, session, deadline } = visit
    const all = await own.all({ person, accessToken: session.accessToken, deadline })
    return {
      title: say('Dire une fois ce qui change', 'Tell once what changes'),
      body: html`<p class="lead">${say(
        'Vous le dites une fois ; chaque organisme que vous choisissez en accuse réception et vous répond.',
        'You say it once; each body that you choose acknowledges it and answers you.',
      )}</p>
${own.kinds.map(({ id, title }) => html`<p><a class="button" href="/declarations/${id}">${words.print(title)}</a></p>`)}
<h2>${say('Ce que j’ai déclaré', 'What I declared')}</h2>${declarationsSection(visit, all, own.kinds)}
<p><a href="/">${say('Retour à ma page', 'Back to my page')}</a></p>`,
    }
  })

  door.showPersonal('/declarations/:kind', async (visit) => {
    const { kind, receivers } = await kindOf(own, visit)
    return receivers.length === 0 ? nobodyPage(visit, kind) : formPage(visit, kind, receivers, nothingFilled())
  })

  door.submit('/declarations/:kind/check', declarationForm, async (visit, sent) => {
    const chosen = await kindOf(own, visit)
    const filled = filledIn(chosen.kind, sent)
    const read = checked(chosen, filled, sent.version)
    return 'faults' in read
      ? formPage(visit, chosen.kind, chosen.receivers, filled, read.faults)
      : checkPage(visit, chosen.kind, chosen.receivers, filled, read.declared)
  })

  door.submit('/declarations/:kind/edit', declarationForm, async (visit, sent) => {
    const { kind, receivers } = await kindOf(own, visit)
    return formPage(visit, kind, receivers, filledIn(kind, sent))
  })

  door.submit('/declarations/:kind/send', declarationForm, async (visit, sent) => {
    const { person, session, deadline, language } = visit
    const chosen = await kindOf(own, visit)
    const filled = filledIn(chosen.kind, sent)
    const read = checked(chosen, filled, sent.version)
    if ('faults' in read) return formPage(visit, chosen.kind, chosen.receivers, filled, read.faults)
    const declaring = { kind: chosen.kind.id, content: read.declared, agencies: filled.agencies, language }
    const asking = { person, accessToken: session.accessToken, deadline }
    return sentPage(visit, chosen.kind, filled, await own.declare(declaring, asking, filled.key))
  })

  door.showPersonal('/declarations/:member/:declaration/receipts/:record', async (visit) => {
    const { person, session, deadline, params } = visit
    const { member = '', declaration = '', record = '' } = params
    if (!isMemberId(member)) throw new MeshError('MEMBER_UNKNOWN')
    const of = { member, declarationId: declaration, recordId: record }
    const content = await own.receiptOf(of, { person, accessToken: session.accessToken, deadline })
    return {
      fileName: 'receipt.json',
      mediaType: 'application/json; charset=utf-8',
      content: JSON.stringify(content, null, 2),
    }
  })

  const supplement = {
    key: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
    agency: z.string().max(40).refine(isMemberId),
    declaration: z.uuid(),
    statement: z.string().trim().min(1).max(mostSupplementCharacters),
  }
  door.submit('/declaration-supplements', supplement, async (visit, { key, agency, declaration, statement }) => {
    const { say, words, person, deadline } = visit
    const of = { agency, declarationId: declaration, statement }
    const receipt = await own.supplement(of, { person, deadline }, key)
    return {
      title: say('Votre complément est reçu', 'What you added has been received'),
      body: html`<div class="card"><dl><dt>${say('Organisme', 'Body')}</dt><dd>${words.member(agency)}</dd>
<dt>${say('Reçu le', 'Received on')}</dt><dd>${words.second(receipt.receivedAt)}</dd></dl></div>
<p><a class="button" href="/declarations">${say('Voir mes déclarations', 'See my declarations')}</a></p>`,
    }
  })
}
