import { createHash } from 'node:crypto'
import { canonicalJson } from '@unefois/proto/canonical-json'
import {
  type DeclarationAnswer,
  DeclarationServiceDefinition,
} from '@unefois/proto/gen/unefois/documents/v1/declarations'
import { PortalVisit } from '../her-list.js'
import { type Ending, endingOf } from './ending.js'
import { granted, OwnDoor } from './own-door.js'
import type { ScriptOf } from './script.js'
import type { Stage } from './stage.js'
import { ask, type Obtained, obtained, tellOf } from './steps.js'

const dayMs = 24 * 3600 * 1000
const daysGiven = 30

type Script = ScriptOf<'declared'>
type Planned = Script['answers'][number]

interface Receipt {
  readonly declarationId: string
  readonly address: string
  readonly telephone: string
}
interface Step {
  readonly step: string
  readonly recordId: string
  readonly said: object
}
interface Declaration {
  readonly agency: string
  readonly declarationId: string
  readonly state: string
  readonly steps: readonly Step[]
}

export interface DeclaredStory extends Ending {
  /** What the portal answers who chooses a body that does not know the person. */
  readonly notKnown: string
  /** Each body with what it answered, one after the other, the last one for good. */
  readonly answers: readonly { readonly agency: string; readonly outcomes: readonly string[]; readonly state: string }[]
  /** As many ids as bodies: none can be joined to another. */
  readonly distinctIds: number
  readonly receipts: { readonly steps: number; readonly proved: number }
  /** What the next body that asks was given, before the change and after it. */
  readonly before: Obtained
  readonly after: Obtained
}

/** A receiver's staff look at the declaration and answer; what is missing the person adds, and it is accepted. */
const settle = async (
  stage: Stage,
  portal: OwnDoor,
  planned: Planned,
  declarationId: string,
  who: string,
): Promise<void> => {
  const { member, outcome, words, answeredBy, supplement, afterwards } = planned
  const { say } = stage
  const system = stage.system(member)
  const declarations = system.service('documents', DeclarationServiceDefinition)
  const answer = async (given: DeclarationAnswer['answer']): Promise<void> => {
    const request = { declarationId, answer: { answer: given, answeredBy } }
    await declarations.answerDeclaration(request, await system.call('declaration:answer'))
  }
  if (outcome === 'not-concerned') await answer({ $case: 'notConcerned', value: { reasons: words } })
  else if (outcome === 'accepted') await answer({ $case: 'accepted', value: { words } })
  else await answer({ $case: 'needsMore', value: { what: words, untilMs: Date.now() + daysGiven * dayMs } })
  say(`  · ${stage.nameOf(member)}: ${outcome}. “${words}”`)
  if (supplement === undefined) return
  granted(await portal.post(`/v1/me/declarations/${member}/${declarationId}/supplements`, { statement: supplement }))
  say(`    ${who} adds, at the portal: “${supplement}”`)
  await answer({ $case: 'accepted', value: { words: afterwards } })
  say(`    Then: accepted. “${afterwards}”`)
}

/** Verifies a receipt as anybody can offline: it is in the body's signed log, and names the hash of these very words. */
const isReceiptProved = async (visit: PortalVisit, member: string, { recordId, said }: Step): Promise<boolean> => {
  const record = await visit.provenRecord({ member, recordId })
  return record?.said_sha256 === createHash('sha256').update(canonicalJson(said)).digest('base64url')
}

/** Told once, to each body that the person chose; each answers for itself, and who asks next reads what it changed. */
export const declared = async (stage: Stage, script: Script): Promise<DeclaredStory> => {
  const { person, kind, content, answers, notKnown: stranger, exchange, changed } = script
  const { say, places } = stage
  const { provider, evidenceType, requester } = exchange
  const who = stage.called(person)
  stage.hold(provider, evidenceType, person)
  const basisId = await tellOf(stage, exchange, person)
  const before = obtained(await ask(stage, exchange, person, basisId))

  const portal = await OwnDoor.open(places, stage.portal, stage.person(person))
  const agencies = answers.map(({ member }) => member)
  const wish = { kind, content, agencies, language: 'fr' }
  const { reason: notKnown } = await portal.post('/v1/me/declarations', { ...wish, agencies: [stranger] })
  const { sent } = granted<{ sent: { agency: string; receipt: Receipt }[] }>(
    await portal.post('/v1/me/declarations', wish),
  )
  say(`${who} fills in one form at the portal and chooses whom to tell; nobody is chosen beforehand.`)
  say(`  The ${stage.nameOf(stranger)}, which does not know her, cannot be chosen: ${notKnown}.`)
  for (const { agency, receipt } of sent)
    say(`  · acknowledged by the ${stage.nameOf(agency)}, ${receipt.address}, ${receipt.telephone}`)

  say(`\nEach answers for itself, and none knows whom else she told:`)
  for (const planned of answers) {
    const receipt = sent.find(({ agency }) => agency === planned.member)?.receipt
    await settle(stage, portal, planned, receipt?.declarationId ?? '', who)
  }
  const { declarations } = granted<{ declarations: Declaration[] }>(await portal.get('/v1/me/declarations'))
  const visit = await PortalVisit.open({ places, script: { portal: stage.portal }, person: stage.person(person) })
  const ours = declarations.filter((one) => sent.some(({ receipt }) => receipt?.declarationId === one.declarationId))
  const proofs = await Promise.all(
    ours.flatMap(({ agency, steps }) => steps.map((step) => isReceiptProved(visit, agency, step))),
  )
  const proved = proofs.filter(Boolean).length
  say(`  ${proved} of ${proofs.length} receipts verified offline, with the words that they stand for.`)

  stage.hold(provider, evidenceType, person, changed.value)
  const after = obtained(await ask(stage, exchange, person, await tellOf(stage, exchange, person)))
  say(`\nThe ${stage.nameOf(provider)} changes its own register. The ${stage.nameOf(requester)} asks it for:`)
  say(`  ${stage.purpose(exchange.purpose).title.en}. It had ${JSON.stringify(before.value)},`)
  say(`  and reads ${JSON.stringify(after.value)} now. ${who} brings no proof.`)
  const ending = await endingOf(stage, person)
  const outcomesOf = ({ steps }: Declaration): string[] =>
    steps.flatMap(({ step, said }) => (step === 'answer' ? String((said as { outcome?: string }).outcome) : []))
  return {
    notKnown,
    answers: ours.map((one) => ({ agency: one.agency, outcomes: outcomesOf(one), state: one.state })),
    distinctIds: new Set(ours.map(({ declarationId }) => declarationId)).size,
    receipts: { steps: proofs.length, proved },
    before,
    after,
    ...ending,
  }
}
