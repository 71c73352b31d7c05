import { parisDay } from '@unefois/chassis/clock'
import { MeshError } from '@unefois/proto/reasons'
import { onlinePagesOf, publishedProcedure, simulatorPath } from './guide-pages.js'
import { type Html, html } from './html.js'
import type { PageDoor } from './page-door.js'
import { findFor } from './simulator-finding.js'
import { carried, nothingTold, type Told, toldIn } from './simulator-form.js'
import { questionPage, type Simulator } from './simulator-question.js'
import { noReleasePage, resultPage } from './simulator-result.js'
import { typeset } from './typography.js'
import type { Page, Visit } from './visit.js'

const otherLanguage = ({ language }: Visit, path: string, told: Told): Html => {
  const [other, name] = language === 'fr' ? ['en', 'English'] : ['fr', 'Français']
  return html`<form method="post" action="${path}?lang=${other}">${carried(told, ['reading'])}<button class="link" lang="${other}">${name}</button></form>`
}

const readingForm = ({ visit, told, action }: Simulator, path: string): Html =>
  told.reading === 'easy'
    ? html`<form method="post" action="${action}">${carried(told, ['reading'])}<button class="link">Texte complet</button></form>`
    : html`<form method="post" action="${path}?lang=fr">${carried(told)}<button class="link" name="reading" value="easy"${visit.language === 'fr' ? undefined : html` lang="fr"`}>${typeset('Lire en « facile à lire »')}</button></form>`

/** A simulator for each benefit and orientation: one question at a time, for anybody, without anything being stored. */
export const addSimulatorPages = (door: PageDoor): void => {
  const { neighbours, clock } = door.context

  const pageFor = async (
    simulator: Simulator,
    benefit: string,
    procedureOf: Parameters<typeof resultPage>[2],
  ): Promise<Page> => {
    const { visit, told } = simulator
    const language = told.reading === 'easy' ? 'fr-x-falc' : visit.language
    const { eligibility } = neighbours
    const found = await findFor({ eligibility, benefit, language, deadline: visit.deadline }, told)
    if ('noRelease' in found) return noReleasePage(simulator, found.noRelease, procedureOf)
    const { finding, faulty, questions } = found
    const asksOn = finding.answer === 'unknown' || told.amounts === 'wanted'
    const next = asksOn ? finding.missing.find(({ name }) => !told.unknown.includes(name)) : undefined
    const question = questions.get(faulty) ?? questions.get(told.change) ?? next
    return question ? questionPage(simulator, found, question) : resultPage(simulator, found, procedureOf)
  }

  const answer = async (visit: Visit, told: Told): Promise<Page> => {
    const procedure = await publishedProcedure(door, visit)
    if (procedure.benefit === null) throw new MeshError('BENEFIT_UNKNOWN')
    const path = simulatorPath(procedure.id)
    // A language that was chosen by address goes on by address, for browsers that keep no cookie.
    const action = 'lang' in visit.query ? `${path}?lang=${visit.language}` : path
    const isEasy = told.reading === 'easy' && visit.language === 'fr'
    const simulator: Simulator = {
      visit,
      title: visit.words.print(procedure.title),
      action,
      told: { ...told, reading: isEasy ? 'easy' : 'usual' },
      tell: (french, english, easy) => (isEasy ? typeset(easy) : visit.say(french, english)),
    }
    const page = await pageFor(simulator, procedure.benefit, {
      procedure,
      online: onlinePagesOf(door, visit, procedure),
    })
    const isOtherDay = told.day !== '' && told.day !== parisDay(clock)
    return {
      ...page,
      languages: otherLanguage(visit, path, told),
      body: html`<div class="about"><span>${simulator.title}</span>${readingForm(simulator, path)}</div>${
        isOtherDay
          ? html`<p class="alert">${simulator.tell('Calculé pour le ', 'Computed for ', 'Pour le ')}${visit.words.day(told.day)}${simulator.tell(', pas pour aujourd’hui.', ', not for today.', '. Pas pour aujourd’hui.')}</p>`
          : undefined
      }${page.body}`,
    }
  }

  door.show('/simulate/:id', (visit) => answer(visit, nothingTold))
  door.compute('/simulate/:id', (visit, sent) => answer(visit, toldIn(sent)))
}
