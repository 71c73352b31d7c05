import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { PersonalAccess } from '../personal-access.js'
import { proofView } from '../rest/get-access-proof.js'
import { evidenceView, otherRouteView } from '../rest/views.js'
import { accessesSection } from './accesses-section.js'
import { consentsSection } from './consents-section.js'
import { evidenceSection, routesSection } from './evidence-section.js'
import { html } from './html.js'
import { otherWays } from './layout.js'
import type { PageDoor } from './page-door.js'
import { loginLink, type PageAnswer, type PersonalVisit, type Visit } from './visit.js'

const welcome = (visit: Visit, member: string): PageAnswer => ({
  title: visit.say('Ce que les administrations partagent de vous', 'What public bodies share about you'),
  body: html`<p>${visit.say(
    'Connectez-vous pour voir qui a demandé vos données, pourquoi, et pour retirer un consentement.',
    'Log in to see who asked for your data and why, and to withdraw a consent.',
  )}</p>
<p><a class="button" href="${loginLink('/')}">${visit.say('Se connecter', 'Log in')}</a></p>
${otherWays(visit, member)}`,
})

const addHome = (door: PageDoor, personal: PersonalAccess): void => {
  const { context } = door
  door.show('/', async (visit) => {
    const { session, say, deadline } = visit
    const caller = session && context.callerOf(session.accessToken)
    if (!session || caller?.kind !== 'person') return welcome(visit, context.config.member)
    const [uses, consents] = await Promise.all([
      personal.accesses(caller, session.accessToken, deadline),
      personal.consents(caller, deadline).catch((thrown) => toMeshError(thrown)),
    ])
    return {
      title: say('Ma page', 'My page'),
      body: html`${consentsSection(visit, session, consents)}${accessesSection(visit, uses)}`,
    }
  })
}

const addWithdrawal = (door: PageDoor, personal: PersonalAccess): void => {
  door.submit('/consents/:id/withdraw', {}, async (visit) => {
    const { say, words, params, person, deadline } = visit
    const { recordedAt, inForceAt } = await personal.withdraw(params.id ?? '', person, deadline)
    return {
      title: say('Votre retrait est enregistré', 'Your withdrawal is recorded'),
      body: html`<dl>
<dt>${say('Enregistré le', 'Recorded on')}</dt><dd>${words.instant(recordedAt)}</dd>
<dt>${say('En vigueur', 'In force')}</dt><dd>${
        inForceAt === null
          ? say(
              'Pas encore : chaque fournisseur doit le confirmer. Au plus tard dans quelques secondes.',
              'Not yet: each provider has to confirm it. Within seconds at most.',
            )
          : html`${say('depuis le', 'since')} ${words.instant(inForceAt)}`
      }</dd>
</dl>
<p>${say(
        'Ce retrait n’a pas d’autre conséquence : une autre voie vous reste ouverte pour chaque démarche.',
        'This withdrawal has no other consequence: another way stays open to you for each procedure.',
      )}</p>
<p><a href="/">${say('Retour à ma page', 'Back to my page')}</a></p>`,
    }
  })
}

const addProof = (door: PageDoor, personal: PersonalAccess): void => {
  door.showPersonal('/accesses/:member/:recordId/proof', async ({ params, person, deadline }) => {
    const { member = '', recordId = '' } = params
    const found = await personal.proof(member, recordId, person, deadline)
    return {
      fileName: 'proof.json',
      mediaType: 'application/json; charset=utf-8',
      content: JSON.stringify(proofView(found), null, 2),
    }
  })
}

const previewQuery = z.object({
  requester: z.string().min(1).max(40),
  provider: z.string().min(1).max(40),
  type: z.string().min(1).max(64),
  purpose: z.string().min(1).max(64),
})

const preview = async (visit: PersonalVisit, personal: PersonalAccess): Promise<PageAnswer> => {
  const { say, words, query, person, deadline } = visit
  const asked = previewQuery.safeParse(query)
  if (!asked.success)
    throw new MeshError('REQUEST_INVALID', { facts: { field: asked.error.issues[0]?.path.join('.') ?? '' } })
  const { requester, provider, type, purpose } = asked.data
  const { outcome } = await personal.preview({ requester, provider, evidenceType: type, purpose }, person, deadline)
  return {
    title: say('Ce qui serait transmis', 'What would be sent'),
    body: html`<p class="note">${say(
      'Vous seul voyez ces valeurs ; rien n’est transmis par cet aperçu.',
      'Only you see these values; this preview sends nothing.',
    )}</p>
<dl>
<dt>${say('À qui', 'To whom')}</dt><dd>${words.member(requester)}</dd>
<dt>${say('De', 'From')}</dt><dd>${words.member(provider)}</dd>
<dt>${say('Pour', 'For')}</dt><dd>${words.purpose(purpose)}</dd>
</dl>
<h2>${words.evidenceType(type)}</h2>
${
  outcome?.$case === 'evidence'
    ? evidenceSection(visit, type, evidenceView(outcome.value))
    : html`<p>${say('Rien ne serait transmis. Autres voies :', 'Nothing would be sent. Other ways:')}</p>
${outcome ? routesSection(visit, otherRouteView(outcome.value).routes) : undefined}`
}`,
  }
}

/** The citizen portal: what each agency did with a person's data, their consents, previews, and withdrawal. */
export const addPortalPages = (door: PageDoor): void => {
  const personal = new PersonalAccess(door.context)
  addHome(door, personal)
  addWithdrawal(door, personal)
  addProof(door, personal)
  door.showPersonal('/preview', (visit) => preview(visit, personal))
}
