import { isMemberId } from '@unefois/proto/ids'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { type Accesses, PersonalAccess } from '../personal-access.js'
import { proofView } from '../rest/get-access-proof.js'
import type { ConsentView } from '../rest/views.js'
import { accessesSection, usesOf } from './accesses-section.js'
import { consentsSection } from './consents-section.js'
import { addDeclarationPages } from './declaration-pages.js'
import { exchangesOf } from './exchanges-seen.js'
import { addHoldingsPages } from './holdings-pages.js'
import { type Html, html } from './html.js'
import type { PageDoor } from './page-door.js'
import { addPreviewPages } from './preview-pages.js'
import { loginLink, type PageAnswer, type Visit } from './visit.js'

const welcome = (visit: Visit): PageAnswer => ({
  title: visit.say('Ce que les administrations partagent de vous', 'What public bodies share about you'),
  body: html`<p class="lead">${visit.say('Connectez-vous pour voir :', 'Log in to see:')}</p>
<ul class="plain">
<li>${visit.say('qui a demandé vos données, quand et pourquoi ;', 'who asked for your data, when and why;')}</li>
<li>${visit.say('ce qui a été transmis, et ce qui a été refusé ;', 'what was sent, and what was refused;')}</li>
<li>${visit.say('les accords que vous avez donnés, pour les retirer si vous voulez.', 'the consents you gave, to withdraw them if you wish.')}</li>
</ul>
<p><a class="button" href="${loginLink('/')}">${visit.say('Se connecter', 'Log in')}</a></p>
<p>${visit.say(
    'Ce site ne garde pas de copie de vos données : il interroge chaque organisme quand vous le lui demandez.',
    'This site keeps no copy of your data: it asks each body when you ask it to.',
  )}</p>`,
})

const summary = (visit: Visit, { accesses }: Accesses, consents: readonly ConsentView[] | MeshError): Html => {
  const { say } = visit
  const uses = exchangesOf(accesses).length
  const given = consents instanceof Error ? undefined : consents.filter(({ state }) => state === 'given').length
  const counted = (count: number, one: string, many: string): string => `${count} ${count > 1 ? many : one}`
  return html`<p class="lead">${
    given === undefined
      ? undefined
      : html`<a href="#consents">${say(counted(given, 'accord en cours', 'accords en cours'), given === 1 ? '1 consent in force' : `${given} consents in force`)}</a> · `
  }<a href="#uses">${say(counted(uses, 'demande à votre sujet', 'demandes à votre sujet'), uses === 1 ? '1 request about you' : `${uses} requests about you`)}</a></p>`
}

const addHome = (door: PageDoor, personal: PersonalAccess): void => {
  const { context } = door
  door.show('/', async (visit) => {
    const { session, say, deadline } = visit
    const caller = session && context.callerOf(session.accessToken)
    if (!session || caller?.kind !== 'person') return welcome(visit)
    const [uses, consents] = await Promise.all([
      personal.accesses(caller, session.accessToken, deadline),
      personal.consents(caller, deadline).catch((thrown) => toMeshError(thrown)),
    ])
    return {
      title: say('Ma page', 'My page'),
      body: html`${summary(visit, uses, consents)}${consentsSection(visit, session, consents)}${accessesSection(visit, uses)}<p><a class="button second" href="/holdings">${say('Voir ce que les organismes ont sur moi', 'See what public bodies hold about me')}</a> <a class="button second" href="/declarations">${say('Dire une fois ce qui change', 'Tell once what changes')}</a></p>`,
    }
  })
}

const pageToken = z.string().min(1).max(500)

const addOlder = (door: PageDoor, personal: PersonalAccess): void => {
  door.showPersonal('/accesses/:member', async (visit) => {
    const { say, words, params, query, person, deadline } = visit
    const before = pageToken.safeParse(query.before)
    if (!before.success) throw new MeshError('REQUEST_INVALID', { facts: { field: 'before' } })
    const { member = '' } = params
    if (!isMemberId(member) || !words.memberEntry(member)) throw new MeshError('MEMBER_UNKNOWN')
    const uses = await personal.accessesOf(member, person, deadline, before.data)
    return {
      title: say('Inscriptions plus anciennes', 'Older entries'),
      body: html`<p class="lead">${say('Selon : ', 'According to: ')}${words.member(member)}</p>
${usesOf(visit, uses)}
<p><a href="/">${say('Retour à ma page', 'Back to my page')}</a></p>`,
    }
  })
}

const addWithdrawal = (door: PageDoor, personal: PersonalAccess): void => {
  door.submit('/consents/:id/withdraw', {}, async (visit) => {
    const { say, words, params, person, deadline } = visit
    const { recordedAt, inForceAt } = await personal.withdraw(params.id ?? '', person, deadline)
    return {
      title: say('Votre retrait est enregistré', 'Your withdrawal is recorded'),
      body: html`<p class="lead">${say(
        'Personne ne peut plus rien obtenir avec cet accord',
        'Nobody can obtain anything by this consent any more',
      )}${inForceAt === null ? say(' dans quelques secondes.', ', within seconds.') : '.'}</p>
<div class="card"><dl>
<dt>${say('Enregistré le', 'Recorded on')}</dt><dd>${words.second(recordedAt)}</dd>
<dt>${say('En vigueur', 'In force')}</dt><dd>${
        inForceAt === null
          ? say(
              'Pas encore : chaque fournisseur doit le confirmer. Au plus tard dans quelques secondes.',
              'Not yet: each provider has to confirm it. Within seconds at most.',
            )
          : html`${say('depuis le ', 'since ')}${words.second(inForceAt)}`
      }</dd>
</dl></div>
<p>${say(
        'Ce retrait n’a pas d’autre conséquence : une autre voie vous reste ouverte pour chaque démarche.',
        'This withdrawal has no other consequence: another way stays open to you for each procedure.',
      )}</p>
<p><a class="button" href="/">${say('Retour à ma page', 'Back to my page')}</a></p>`,
    }
  })
}

const opposable = { agency: z.string().max(40).refine(isMemberId), purpose: z.string().min(1).max(64) }

const addOpposition = (door: PageDoor, personal: PersonalAccess): void => {
  door.submit('/oppositions', opposable, async (visit, use) => {
    const { say, words, person, deadline } = visit
    const { recordedAt, keptUntil } = await personal.oppose(use, person, deadline)
    return {
      title: say('Votre opposition est enregistrée', 'Your opposition is recorded'),
      body: html`<p class="lead">${say(
        'Cet organisme ne cherche plus rien sur vous pour cela, et ce qu’il avait recueilli ainsi est effacé.',
        'This body searches nothing about you for this any more, and what it had collected so is deleted.',
      )}</p>
<div class="card"><dl>
<dt>${say('Organisme', 'Body')}</dt><dd>${words.member(use.agency)}</dd>
<dt>${say('Pour', 'For')}</dt><dd>${words.purpose(use.purpose)}</dd>
<dt>${say('Enregistrée le', 'Recorded on')}</dt><dd>${words.second(recordedAt)}</dd>
<dt>${say('Gardée jusqu’au', 'Kept until')}</dt><dd>${words.day(keptUntil)}</dd>
</dl></div>
<p>${say(
        'Cela n’a pas d’autre conséquence : vous pouvez toujours demander ce droit vous-même.',
        'This has no other consequence: you can always ask for this right yourself.',
      )}</p>
<p><a class="button" href="/">${say('Retour à ma page', 'Back to my page')}</a></p>`,
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

/** The citizen portal: what agencies hold of a person and did with it, their consents, previews, withdrawal and opposition. */
export const addPortalPages = (door: PageDoor): void => {
  const personal = new PersonalAccess(door.context)
  addHome(door, personal)
  addOlder(door, personal)
  addWithdrawal(door, personal)
  addProof(door, personal)
  addOpposition(door, personal)
  addPreviewPages(door, personal)
  addHoldingsPages(door)
  addDeclarationPages(door)
}
