import type { Clock } from '@unefois/chassis/clock'
import type { Log } from '@unefois/chassis/log'
import type { Federation } from '@unefois/proto/federation'
import type { Match, PivotIdentity } from '@unefois/proto/gen/unefois/identity/v1/identity'
import { MeshError } from '@unefois/proto/reasons'
import type { AuthorityNeeds } from './authority-context.js'
import { type Coverage, type Matching, matchAmong } from './domain/matching.js'
import type { PersonId } from './domain/person.js'
import { isOvertaken, type QuestionId } from './domain/question.js'
import { getsToKnow } from './gets-to-know.js'
import { livingEntry } from './living-entry.js'
import type { Pseudonyms } from './pseudonyms.js'
import type { AuthorityStores } from './store/authority-stores.js'
import { type ProtectionTelling, tellNewcomer } from './tell-protection.js'

export interface MatchingNeeds extends ProtectionTelling {
  readonly clock: Clock
  readonly federation: { readonly current: Federation }
  readonly log: Log
  readonly inTransaction: AuthorityNeeds['inTransaction']
  readonly stores: Pick<AuthorityStores, 'askings'>
  readonly pseudonyms: Pseudonyms
  readonly coverage: Coverage
  /** How many people a member may ask about each day (UTC). */
  readonly quotaOf: (member: string) => number
}

type Answered =
  | Exclude<Matching, { kind: 'ask-human' }>
  | { readonly kind: 'ask-human'; readonly questionId: QuestionId }

/** What a human has said to this member's question; undefined while nobody has, or no longer does it answer. */
export const decidedBefore = async (
  stores: Pick<AuthorityStores, 'register' | 'questions'>,
  member: string,
  pivot: PivotIdentity,
  candidates: readonly PersonId[],
): Promise<Exclude<Matching, { kind: 'ask-human' }> | undefined> => {
  const decision = (await stores.questions.ofMember(member, pivot))?.decision
  if (!decision || isOvertaken(decision, candidates)) return undefined
  if (decision.person === undefined) return { kind: 'different' }
  const entry = await livingEntry(stores.register, decision.person)
  return entry && !entry.isSplit ? { kind: 'same', person: entry.person } : undefined
}

const toMatch = (answered: Answered, pseudonymOf: (person: PersonId) => string): Match => {
  switch (answered.kind) {
    case 'same':
      return { answer: { $case: 'subject', value: pseudonymOf(answered.person) } }
    case 'different':
      return { answer: { $case: 'different', value: {} } }
    case 'ask-human':
      return { answer: { $case: 'askHuman', value: { candidates: 0, questionId: answered.questionId } } }
  }
}

const answerAll = async (
  { clock, coverage }: MatchingNeeds,
  stores: AuthorityStores,
  member: string,
  pivots: readonly PivotIdentity[],
): Promise<Answered[]> => {
  const candidates = await stores.register.candidatesOf(pivots)
  const answers: Answered[] = []
  for (const [at, pivot] of pivots.entries()) {
    const matching = matchAmong(pivot, candidates[at] ?? [], coverage)
    if (matching.kind !== 'ask-human') answers.push(matching)
    else
      answers.push(
        (await decidedBefore(stores, member, pivot, matching.candidates)) ?? {
          kind: 'ask-human',
          questionId: await stores.questions.open(member, pivot, clock.nowMs()),
        },
      )
  }
  return answers
}

/**
 * Answers a member about people whom its own register knows, within its quota of the day; it knows whom it finds from then
 * on. Error: ENROLMENT_QUOTA_REACHED, and then nothing was taken in.
 */
export const matchForMember = async (
  needs: MatchingNeeds,
  member: string,
  pivots: readonly PivotIdentity[],
): Promise<{ readonly matches: Match[]; readonly leftToday: number }> => {
  const { clock, log, pseudonyms } = needs
  const nowMs = clock.nowMs()
  const quota = needs.quotaOf(member)
  try {
    return await needs.inTransaction(async (stores, tx) => {
      const leftToday = await stores.askings.take(member, pivots, quota, nowMs)
      if (leftToday < 0) throw new MeshError('ENROLMENT_QUOTA_REACHED', { facts: { quota: String(quota) } })
      const answers = await answerAll(needs, stores, member, pivots)
      const met = answers.flatMap((each) => (each.kind === 'same' ? [each.person] : []))
      if (getsToKnow(needs.federation.current, member)) {
        const newcomers = await stores.acquaintances.record(met, member, nowMs)
        await tellNewcomer(needs, tx, stores, newcomers, member, nowMs)
      }
      const countOf = (kind: Answered['kind']) => answers.filter((each) => each.kind === kind).length
      const counts = { same: countOf('same'), different: countOf('different'), askHuman: countOf('ask-human') }
      await stores.askings.count(member, counts, nowMs)
      log.info({ asking: member, asked: pivots.length, leftToday, ...counts }, 'a member asked about people')
      return { matches: answers.map((each) => toMatch(each, (person) => pseudonyms.of(person, member))), leftToday }
    })
  } catch (error) {
    if (error instanceof MeshError && error.reason === 'ENROLMENT_QUOTA_REACHED') {
      await needs.stores.askings.countRefusal(member, nowMs)
      log.warn({ asking: member, asked: pivots.length, quota }, 'a member asked about more people than it may in a day')
    }
    throw error
  }
}
