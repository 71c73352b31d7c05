import { nowSeconds } from '@unefois/chassis/clock'
import { MeshError, toMeshError } from '@unefois/proto/reasons'
import { type ProcedureView, procedureView } from '../rest/eligibility-views.js'
import { isName } from '../rest/schemas.js'
import {
  answerSection,
  fieldsSection,
  legalList,
  type OnlinePage,
  serviceSection,
  stepsSection,
} from './guide-sections.js'
import { type Html, html } from './html.js'
import type { PageDoor } from './page-door.js'
import { proceduresOf } from './procedure.js'
import type { Visit } from './visit.js'

const mostListed = 200
const notThere = new Set<string>(['UNAVAILABLE', 'DEADLINE_EXCEEDED'])

const guidePath = (id: string): string => `/guide/${encodeURIComponent(id)}`
/** Where one applies for a procedure. */
export const applyPath = (id: string): string => `/apply/${encodeURIComponent(id)}`
export const simulatorPath = (id: string): string => `/simulate/${encodeURIComponent(id)}`

/** One procedure of this agency. Errors: PROCEDURE_UNKNOWN, UNAVAILABLE where it runs no eligibility service. */
export const publishedProcedure = async (door: PageDoor, { params, deadline }: Visit): Promise<ProcedureView> => {
  const id = params.id ?? ''
  if (!isName(id)) throw new MeshError('PROCEDURE_UNKNOWN')
  const { procedure } = await door.context.neighbours.procedures.getProcedure({ id }, { deadline })
  if (!procedure) throw new MeshError('PROCEDURE_UNKNOWN')
  return procedureView(procedure)
}

/** The pages of this gateway on which a procedure can be begun. */
export const onlinePagesOf = (door: PageDoor, { words }: Visit, { purposes }: ProcedureView): OnlinePage[] => {
  const { federation, config, clock } = door.context
  return proceduresOf(federation.current, config.member, nowSeconds(clock))
    .filter(({ purpose }) => purposes.includes(purpose))
    .map(({ purpose }) => ({ title: words.purpose(purpose), path: `/procedures/${encodeURIComponent(purpose)}` }))
}

/** What the agency has published; nothing where it runs no eligibility service, because its other pages go on. */
export const publishedProcedures = async (door: PageDoor, { deadline }: Visit): Promise<readonly ProcedureView[]> => {
  try {
    const { procedures } = await door.context.neighbours.procedures.listProcedures(
      { pageSize: mostListed, pageToken: '' },
      // Half of the time at most: the rest of the page is shown without it.
      { deadline: deadline.keepingBack(deadline.remainingMs()) },
    )
    return procedures.map(procedureView)
  } catch (thrown) {
    if (notThere.has(toMeshError(thrown).reason)) return []
    throw thrown
  }
}

const offersSimulation = ({ kind, benefit }: ProcedureView): boolean =>
  benefit !== null && (kind === 'benefit' || kind === 'orientation')

/** What can be asked of the agency, on its home page. */
export const guideCards = ({ say, words }: Visit, procedures: readonly ProcedureView[]): Html =>
  html`<h2>${say('Ce que vous pouvez nous demander', 'What you can ask of us')}</h2>
<ul class="cards">${procedures.map(
    (one) => html`<li class="card"><h3><a href="${guidePath(one.id)}">${words.print(one.title)}</a></h3>
<p>${words.print(one.summary)}</p>${
      offersSimulation(one)
        ? html`<p><a href="${simulatorPath(one.id)}">${say('Faire une simulation, sans se connecter', 'Simulate it, without logging in')}<span class="hidden">, ${words.print(one.title)}</span></a></p>`
        : undefined
    }${
      one.application
        ? html`<p><a href="${applyPath(one.id)}">${say('Déposer une demande', 'Apply')}<span class="hidden">, ${words.print(one.title)}</span></a></p>`
        : undefined
    }</li>`,
  )}</ul>${
    procedures.some(({ application }) => application !== null)
      ? html`<p><a href="/applications">${say('Voir mes demandes', 'See my applications')}</a></p>`
      : undefined
  }`

/** An agency's own pages about what can be asked of it: how, what silence means, what can be done against an answer. */
export const addGuidePages = (door: PageDoor): void =>
  door.show('/guide/:id', async (visit) => {
    const { say, words } = visit
    const one = await publishedProcedure(door, visit)
    return {
      title: words.print(one.title),
      body: html`<p class="lead">${words.print(one.summary)}</p>
${
  offersSimulation(one)
    ? html`<p><a class="button" href="${simulatorPath(one.id)}">${
        one.kind === 'orientation'
          ? say('Voir si cela vaut la peine de demander', 'See whether asking is worth it')
          : say('Voir si vous pourriez y avoir droit', 'See whether you might be entitled')
      }</a></p>
<p class="quiet">${say('Sans vous connecter ; rien n’est enregistré.', 'Without logging in; nothing is stored.')}</p>`
    : undefined
}
${
  one.application
    ? html`<p><a class="button${offersSimulation(one) ? ' second' : ''}" href="${applyPath(one.id)}">${say('Déposer une demande', 'Apply')}</a></p>`
    : undefined
}
<h2>${say('Comment faire', 'How to do it')}</h2>
${stepsSection(visit, one, onlinePagesOf(door, visit, one))}
${fieldsSection(visit, one)}
${answerSection(visit, one)}
<h2>${say('À qui vous adresser', 'Whom to turn to')}</h2>
${serviceSection(visit, one)}
${
  one.legalReferences.length === 0
    ? undefined
    : html`<details><summary>${say('Les textes', 'The texts of law')}</summary>${legalList(visit, one.legalReferences)}</details>`
}`,
    }
  })
