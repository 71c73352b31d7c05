import type { MissingView, ProcedureView } from '../rest/eligibility-views.js'
import type { FactValue } from '../simulation.js'
import { type Applied, givenFields, hiddenApplied, missingFields, toldSection } from './application-form.js'
import type { ApplicationPlan } from './application-plan.js'
import { factInWords } from './application-words.js'
import { applyPath } from './guide-pages.js'
import { type Html, html } from './html.js'
import { termInWords } from './procedure-words.js'
import { typeset } from './typography.js'
import type { Page, PersonalVisit, Visit } from './visit.js'

const missingSection = (visit: Visit, procedure: ProcedureView, missing: ProcedureView['fields']): Html | undefined => {
  const { say, words } = visit
  const completion = procedure.application?.completion
  const term = completion && completion.count > 0 ? termInWords(visit, completion) : undefined
  return missing.length === 0
    ? undefined
    : html`<section class="alert"><h2>${say('Il manque encore', 'Still missing')}</h2><ul class="plain">${missing.map(({ title }) => html`<li>${words.print(title)}</li>`)}</ul>
<p>${say('Vous pouvez déposer quand même', 'You may hand in all the same')}${term === undefined ? undefined : say(`, et compléter dans un délai de ${term}`, `, and complete it within ${term}`)}. ${say('Votre demande porte la date d’aujourd’hui.', 'Your application bears today’s date.')}</p></section>`
}

/** What will be handed in, to be checked before it is. */
export const checkApplicationPage = (
  visit: PersonalVisit,
  procedure: ProcedureView,
  plan: ApplicationPlan,
  applied: Applied,
  stated: ReadonlyMap<string, FactValue>,
  questions: readonly MissingView[],
): Page => {
  const { say, words } = visit
  const given = givenFields(procedure).filter(({ id }) => (applied.entries[id] ?? '') !== '')
  const path = applyPath(procedure.id)
  return {
    title: say('Vérifiez avant de déposer', 'Check before handing in'),
    body: html`<p class="lead">${words.print(procedure.title)}. ${say('Rien n’est encore envoyé.', 'Nothing has been sent yet.')}</p>
<section class="card"><h2>${say('Ce que vous nous dites', 'What you tell us')}</h2>${
      given.length + stated.size === 0
        ? html`<p>${say('Rien pour le moment.', 'Nothing for now.')}</p>`
        : html`<dl>${given.map(({ id, title }) => html`<dt>${words.print(title)}</dt><dd class="said">${applied.entries[id]}</dd>`)}${[
            ...stated,
          ].map(([name, value]) => {
            const question = questions.find((one) => one.name === name)
            return html`<dt>${typeset(question?.question ?? name)}</dt><dd>${factInWords(visit, value, question)}</dd>`
          })}</dl>`
    }</section>
${missingSection(visit, procedure, missingFields(procedure, applied))}
${toldSection(visit, plan)}
<form method="post" action="${path}/deposit">${hiddenApplied(visit, procedure, applied)}
<p class="choices"><button>${say('Déposer ma demande', 'Hand in my application')}</button><button class="second" formaction="${path}/edit">${say('Modifier', 'Change')}</button></p></form>`,
  }
}
