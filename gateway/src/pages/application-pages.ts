import { ApplicationState } from '@unefois/proto/gen/unefois/eligibility/v1/applications'
import { MeshError } from '@unefois/proto/reasons'
import { applicationView } from '../rest/application-views.js'
import { decisionExplainedView } from '../rest/decision-views.js'
import { addApplicationActs } from './application-acts.js'
import { addApplicationDepositPages } from './application-deposit.js'
import { examinedIn } from './application-examination.js'
import { applicationPage } from './application-page.js'
import {
  applicationIdOf,
  decisionIdOf,
  ownCall,
  readApplication,
  readDecision,
  readShown,
} from './application-reading.js'
import { applicationPath } from './application-sections.js'
import { stateInWords, stateTag } from './application-words.js'
import { explanationPage, type Reading } from './decision-sections.js'
import { publishedProcedures } from './guide-pages.js'
import { html } from './html.js'
import type { PageDoor } from './page-door.js'

const mostListed = 50
const signedFile = 'application/jose'

/** An agency's own pages of what people applied for there, each their own. */
export const addApplicationPages = (door: PageDoor): void => {
  const { applications, decisions } = door.context.neighbours
  addApplicationDepositPages(door)
  addApplicationActs(door)

  door.showPersonal('/applications', async (visit) => {
    const { say, words, person, query } = visit
    const asked = {
      subject: person.subject,
      state: ApplicationState.APPLICATION_STATE_UNSPECIFIED,
      procedure: '',
      dueByDay: '',
      pageSize: mostListed,
      pageToken: typeof query.after === 'string' ? query.after.slice(0, 500) : '',
    }
    const [{ applications: found, nextPageToken }, published] = await Promise.all([
      applications.listApplications(asked, ownCall(visit)),
      publishedProcedures(door, visit),
    ])
    const titleOf = (id: string): string => {
      const procedure = published.find((one) => one.id === id)
      return procedure ? words.print(procedure.title) : id
    }
    return {
      title: say('Mes demandes', 'My applications'),
      body: html`${
        found.length === 0
          ? html`<p class="card">${say('Vous n’avez pas de demande ici.', 'You have no application here.')}</p>`
          : html`<ul class="cards">${found
              .map(applicationView)
              .reverse()
              .map(
                (one) =>
                  html`<li class="card"><header><h2><a href="${applicationPath(one)}">${titleOf(one.procedure)}</a></h2>${stateTag(visit, one.state)}</header>
<p>${stateInWords(visit, one.state)}</p><p class="quiet">${say('Déposée le ', 'Handed in on ')}${words.instant(one.depositedAt)}</p></li>`,
              )}</ul>`
      }${
        nextPageToken !== ''
          ? html`<p><a href="/applications?${new URLSearchParams({ after: nextPageToken }).toString()}">${say('Voir la suite', 'See more')}</a></p>`
          : undefined
      }<p><a href="/">${say('Retour à l’accueil', 'Back to the home page')}</a></p>`,
    }
  })

  door.showPersonal('/applications/:id', async (visit) => {
    const { deposited, examined } = visit.query
    const shown = await readShown(door, visit, await readApplication(door, visit))
    return applicationPage(visit, shown, { deposited: examinedIn(deposited), examined: examinedIn(examined) })
  })

  door.showPersonal('/applications/:id/receipt', async (visit) => {
    const { receipt } = await readApplication(door, visit)
    if (!receipt) throw new MeshError('APPLICATION_UNKNOWN')
    return { fileName: 'receipt.jws', mediaType: signedFile, content: receipt.jws }
  })

  door.showPersonal('/applications/:id/attestation', async (visit) => {
    const { jws } = await applications.attestAcceptance({ applicationId: applicationIdOf(visit) }, ownCall(visit))
    return { fileName: 'attestation.jws', mediaType: signedFile, content: jws }
  })

  door.showPersonal('/applications/:id/decision', async (visit) => {
    const decisionId = decisionIdOf(await readApplication(door, visit))
    const { jws } = await readDecision(door, visit, decisionId)
    return { fileName: 'decision.jws', mediaType: signedFile, content: jws }
  })

  door.showPersonal('/applications/:id/explanation', async (visit) => {
    const application = await readApplication(door, visit)
    const decisionId = decisionIdOf(application)
    // Easy reading is French.
    const reading: Reading = visit.query.reading === 'easy' && visit.language === 'fr' ? 'easy' : 'usual'
    const language = reading === 'easy' ? 'fr-x-falc' : visit.language
    const explained = await decisions.explainDecision({ decisionId, language }, ownCall(visit))
    return explanationPage(visit, application, decisionExplainedView(explained), reading)
  })
}
