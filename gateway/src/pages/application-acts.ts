import { MeshError } from '@unefois/proto/reasons'
import { z } from 'zod'
import { entriesOf } from '../rest/application-views.js'
import { examine } from './application-examination.js'
import { mostCharacters, textIn } from './application-form.js'
import { applicationPage, withdrawalPage } from './application-page.js'
import { applicationIdOf, ownCall, procedureNow, readApplication, readShown } from './application-reading.js'
import { applicationPath, mostMessageCharacters, mostPieces } from './application-sections.js'
import { isOpen } from './application-words.js'
import type { PageDoor } from './page-door.js'

const key = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const places = Array.from({ length: mostPieces }, (_, at) => at)

const pieces = {
  key,
  ...Object.fromEntries(places.map((at) => [`field${at}`, z.string().min(1).max(64).optional()])),
  ...Object.fromEntries(
    places.map((at) => [
      `value${at}`,
      z
        .string()
        .max(mostCharacters * 2)
        .optional(),
    ]),
  ),
}

/** What was added: each field that was sent with something in it. */
const piecesIn = (sent: object): Readonly<Record<string, string>> => {
  const given = sent as Readonly<Record<string, string | undefined>>
  const all = places.map((at) => [given[`field${at}`] ?? '', textIn(given[`value${at}`])] as const)
  return Object.fromEntries(all.filter(([field, text]) => field !== '' && text !== ''))
}

/** What a person does about an application that they handed in. */
export const addApplicationActs = (door: PageDoor): void => {
  const { applications } = door.context.neighbours

  door.submit('/applications/:id/pieces', pieces, async (visit, sent) => {
    const applicationId = applicationIdOf(visit)
    const entries = piecesIn(sent)
    if (Object.keys(entries).length === 0)
      return applicationPage(
        visit,
        await readShown(door, visit, await readApplication(door, visit)),
        {},
        'nothing-added',
      )
    await applications.addPieces(
      { applicationId, entries: entriesOf(entries), facts: [], by: undefined },
      { ...ownCall(visit), idempotencyKey: sent.key },
    )
    return { redirectTo: applicationPath({ applicationId }) }
  })

  const text = z.string().transform(textIn).pipe(z.string().min(1).max(mostMessageCharacters))
  door.submit('/applications/:id/messages', { key, text }, async (visit, sent) => {
    const applicationId = applicationIdOf(visit)
    await applications.sendMessage(
      { applicationId, text: sent.text, by: undefined },
      { ...ownCall(visit), idempotencyKey: sent.key },
    )
    return { redirectTo: `${applicationPath({ applicationId })}#messages` }
  })

  door.submit('/applications/:id/examination', { key }, async (visit, sent) => {
    const application = await readApplication(door, visit)
    const procedure = await procedureNow(door, visit, application.procedure)
    if (!procedure || !isOpen(application)) throw new MeshError('APPLICATION_ENDED')
    const { applicationId, facts } = application
    const stated = new Map(Object.entries(facts))
    const examined = await examine(door, visit, { applicationId, procedure, stated, key: sent.key })
    return { redirectTo: `${applicationPath(application)}?examined=${examined}` }
  })

  door.showPersonal('/applications/:id/withdrawal', async (visit) => {
    const application = await readApplication(door, visit)
    if (!isOpen(application)) throw new MeshError('APPLICATION_ENDED')
    return withdrawalPage(visit, application)
  })

  door.submit('/applications/:id/withdrawal', { key }, async (visit, sent) => {
    const applicationId = applicationIdOf(visit)
    await applications.withdrawApplication(
      { applicationId, by: undefined },
      { ...ownCall(visit), idempotencyKey: sent.key },
    )
    return { redirectTo: applicationPath({ applicationId }) }
  })
}
