import { refusalOf } from '../refusal.js'
import { type Ending, endingOf } from './ending.js'
import type { ScriptOf } from './script.js'
import type { Stage } from './stage.js'
import { ask, type Obtained, obtained, tellOf } from './steps.js'

export interface StatusOnly extends Ending {
  /** What each field that nobody may ask for is answered. */
  readonly refusedFields: Readonly<Record<string, string>>
  readonly fieldsOfType: readonly string[]
  readonly obtained: Obtained
  readonly strangerRefusedWith: string
}

/** A status and its end are given for a rate; why somebody has it cannot be asked, by anybody. */
export const statusOnly = async (stage: Stage, script: ScriptOf<'status-only'>): Promise<StatusOnly> => {
  const { person, exchange, neverAsked, stranger } = script
  const { requester, provider, evidenceType, purpose } = exchange
  const { say } = stage
  const who = stage.called(person)
  stage.hold(provider, evidenceType, person)

  say(`${who} asks the ${stage.nameOf(requester)} for: ${stage.purpose(purpose).title.en}. ${who} is told:`)
  say(`  “${stage.purpose(purpose).text.en}”`)
  const basisId = await tellOf(stage, exchange, person)
  const given = obtained(await ask(stage, exchange, person, basisId))
  say(`  The ${stage.nameOf(provider)} gives ${JSON.stringify(given.value)}`)

  const fieldsOfType = Object.keys(stage.places.list().evidenceType(evidenceType).fieldTitles)
  say(`\nThe evidence has ${fieldsOfType.length} fields: ${fieldsOfType.join(', ')}.`)
  say(`The ${stage.nameOf(requester)} tries to ask for more, and is stopped before anything leaves:`)
  const refusedFields: Record<string, string> = {}
  for (const field of neverAsked) {
    refusedFields[field] = await refusalOf(() => ask(stage, exchange, person, basisId, { fields: [field] }))
    say(`  · ${field}: ${refusedFields[field]}`)
  }
  await stage.enrol(stranger, person)
  const asStranger = { ...exchange, requester: stranger }
  const strangerRefusedWith = await refusalOf(() => ask(stage, asStranger, person, basisId))
  say(`  The ${stage.nameOf(stranger)}, without an authorisation, asks for the status: ${strangerRefusedWith}.`)
  const ending = await endingOf(stage, person)
  return { refusedFields, fieldsOfType, obtained: given, strangerRefusedWith, ...ending }
}
