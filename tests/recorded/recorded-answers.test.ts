import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AgencySystem } from '@unefois/deploy/sandbox/agency-system'
import { stopChildren } from '@unefois/deploy/sandbox/children'
import { removeElsewhere } from '@unefois/deploy/sandbox/directory'
import { type RunningFederation, startFederation } from '@unefois/deploy/sandbox/federation'
import { registerPortName } from '@unefois/deploy/sandbox/outside-config'
import { enrolPeople, type Pseudonyms } from '@unefois/deploy/sandbox/people'
import { startHttpSource } from '@unefois/deploy/sources/http-source'
import { Channel } from '@unefois/proto/gen/unefois/consent/v1/consent'
import { type RequestEvidenceResponse, RouteCause } from '@unefois/proto/gen/unefois/documents/v1/documents'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RecordedAnswer, recordedAnswers, startRecordedSources } from './_recorded-answers.js'
import { personOf, provider, purposes, recordedPlan, requester, scopesOf, typeOf } from './_recorded-plan.js'
import { nationalAnswer } from './_scopes.js'

const answers = recordedAnswers()
if (!answers) process.stdout.write('skipped: the recorded answers of national data sources are not at hand\n')

/** A source that stays busy is asked for so long. */
const busyMs = 1500

const outcomeOf = ({ outcome }: RequestEvidenceResponse): unknown => {
  if (outcome?.$case === 'evidence') return JSON.parse(outcome.value.valueJson)
  return outcome?.$case === 'otherRoute' ? outcome.value.cause : outcome?.$case
}

const expectedOf = (answer: RecordedAnswer, purpose: string): unknown => {
  if (answer.status === 404) return RouteCause.ROUTE_CAUSE_ABSENT
  if (answer.status !== 200 || !answer.payload.data) return RouteCause.ROUTE_CAUSE_UNREACHABLE
  const { mask, scopes } = scopesOf(answer.endpoint, purpose)
  return nationalAnswer(answer.payload.data, mask, scopes) ?? RouteCause.ROUTE_CAUSE_ABSENT
}

describe.skipIf(!answers)('the recorded answers of national data sources', () => {
  const recorded = answers as RecordedAnswer[]
  let federation: RunningFederation
  let pseudonyms: Pseudonyms
  let sources: Awaited<ReturnType<typeof startRecordedSources>>
  let adapter: Awaited<ReturnType<typeof startHttpSource>>
  let town: AgencySystem
  const temporary = mkdtempSync(join(tmpdir(), 'unefois-recorded-'))
  const directory = join(temporary, 'federation')

  beforeAll(async () => {
    federation = await startFederation({ plan: recordedPlan(recorded), directory })
    sources = await startRecordedSources(recorded)
    // The agency's register is the API that it has already, in the place of the sandbox's own.
    await federation.processes.get('outside')?.stop()
    pseudonyms = await enrolPeople(federation, federation.plan.people)
    const bySubject = new Map(
      recorded.map(({ at, endpoint }) => [`${pseudonyms.get(provider)?.get(personOf(at))} ${typeOf(endpoint)}`, at]),
    )
    const { certificate, key } = federation.certificate(provider)
    adapter = await startHttpSource({
      host: '127.0.0.1',
      port: federation.port(registerPortName(provider)),
      certificate,
      key,
      addressOf: (subject, evidenceType) => {
        const at = bySubject.get(`${subject} ${evidenceType}`)
        return at === undefined ? undefined : sources.addressOf(at)
      },
    })
    town = new AgencySystem(federation, requester)
  })
  afterAll(async () => {
    town?.close()
    await adapter?.stop()
    await sources?.stop()
    await federation?.stop()
    await stopChildren()
    removeElsewhere(join(directory, 'postgres'))
    rmSync(temporary, { recursive: true, force: true })
  })

  const ask = async (answer: RecordedAnswer, purpose: string): Promise<unknown> => {
    const subject = pseudonyms.get(requester)?.get(personOf(answer.at)) ?? ''
    const type = typeOf(answer.endpoint)
    const { textVersion } = federation.list().purpose(purpose)
    const asked = { subject, provider, purpose }
    const { basisId } = await town.consent.recordNotice(
      { ...asked, evidenceTypes: [type], textVersion, language: 'fr', channel: Channel.CHANNEL_COUNTER },
      await town.call('notice:write'),
    )
    const call = await town.call('evidence:request')
    const isAnswered = answer.status === 200 || answer.status === 404
    return outcomeOf(
      await town.documents.requestEvidence(
        { ...asked, evidenceType: type, procedure: purpose, basisId, fields: [], predicates: [] },
        { ...call, deadlineMs: isAnswered ? 10_000 : busyMs },
      ),
    )
  }

  it.each(purposes)(
    'each come out as the national table says for the scopes of %s',
    { timeout: 120_000 },
    async (purpose) => {
      const wrong: object[] = []
      const counts = new Map<number, number>()
      const queue = [...recorded]
      const worker = async (): Promise<void> => {
        for (let answer = queue.shift(); answer; answer = queue.shift()) {
          const outcome = await ask(answer, purpose).catch((thrown) => String(thrown.reason ?? thrown))
          const expected = expectedOf(answer, purpose)
          counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1)
          try {
            expect(outcome).toEqual(expected)
          } catch {
            wrong.push({ at: answer.at, description: answer.description, status: answer.status, outcome, expected })
          }
        }
      }
      await Promise.all(Array.from({ length: 8 }, worker))
      expect(wrong).toEqual([])
      expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(recorded.length)
      process.stdout.write(`recorded answers, ${purpose}: ${JSON.stringify(Object.fromEntries(counts))}\n`)
    },
  )

  it('asked a source that said "not now" again before going the other way', () => {
    for (const { at, status } of recorded.filter((answer) => ![200, 404].includes(answer.status)))
      expect(sources.asked.get(at), `answer ${at} (${status})`).toBeGreaterThanOrEqual(2 * purposes.length)
  })
})
