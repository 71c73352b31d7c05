import { nowSeconds } from '@unefois/chassis/clock'
import type { Authorisation } from '@unefois/proto/federation-list'
import { toMeshError } from '@unefois/proto/reasons'
import { plannedFactsView } from '../rest/assessment-views.js'
import type { MissingView, ProcedureView } from '../rest/eligibility-views.js'
import { type FactValue, factOf } from '../simulation.js'
import type { PageDoor } from './page-door.js'
import type { Notice } from './procedure-exchanges.js'
import type { PersonalVisit } from './visit.js'

/** What one member can tell about the person in this procedure. */
export interface Source {
  readonly provider: string
  readonly purpose: string
  readonly evidenceType: string
  /** Fields of the evidence and ids of predicates. */
  readonly fields: readonly string[]
  readonly legalReference: string
}

/** What will be asked of whom, and what only the person can say. */
export interface ApplicationPlan {
  /** Those whom the examination asks: telling the person is enough. */
  readonly told: readonly Source[]
  /** Those who need the person's own yes first. */
  readonly later: readonly Source[]
  /** Those who can tell what the procedure needs beside its rule: an agent asks there. */
  readonly byAgent: readonly Source[]
  /** Facts of the rule that no member can tell. */
  readonly questions: readonly MissingView[]
  /** A stated fact that the rule cannot take; empty where there is none. */
  readonly faulty: string
  /** Whether the rule could be asked what it needs; `nothing-to-ask` where there is none. */
  readonly rule: 'asked' | 'silent' | 'nothing-to-ask'
}

interface Held extends Source {
  readonly mode: string
}

/** Facts that somebody states, by their names. */
export type StatedFacts = ReadonlyMap<string, FactValue>

const noFacts: StatedFacts = new Map()

/** Sources of one member, purpose and type in one. */
const together = (all: readonly Held[]): Held[] => {
  const found = new Map<string, Held>()
  for (const one of all) {
    const key = [one.provider, one.purpose, one.evidenceType, one.mode].join(' ')
    const before = found.get(key)
    const fields = [...new Set([...(before?.fields ?? []), ...one.fields])]
    found.set(key, { ...one, fields })
  }
  return [...found.values()]
}

/** Whether a question is about a second person: a page does not know whom, so an agent asks it. */
const isOfSecondPerson = (all: readonly Authorisation[], one: Held): boolean =>
  all.some(
    ({ provider, purpose, evidenceType, predicates }) =>
      provider === one.provider &&
      purpose === one.purpose &&
      evidenceType === one.evidenceType &&
      predicates.some(({ id, kind }) => one.fields.includes(id) && kind === 'related-subject'),
  )

/** The authorisations under which this agency may ask for a procedure now. */
const ownAuthorisations = ({ context }: PageDoor, { purposes }: ProcedureView): Authorisation[] => {
  const { federation, config, clock } = context
  return federation.current.authorisationsInForce(nowSeconds(clock)).filter(
    // A search for people who asked for nothing is none of what is asked for somebody who applies.
    ({ requester, purpose, mode }) => requester === config.member && purposes.includes(purpose) && mode !== 'proactive',
  )
}

/** Who may tell what the procedure itself asks of others, by the authorisations in force. */
const sourcesOfFields = (own: readonly Authorisation[], { fields }: ProcedureView): Held[] =>
  fields.flatMap(({ isGivenByPerson, evidence }) =>
    isGivenByPerson || !evidence
      ? []
      : own
          .filter(
            (one) =>
              one.evidenceType === evidence.evidenceType &&
              (one.fields.includes(evidence.field) || one.predicates.some(({ id }) => id === evidence.field)),
          )
          .map(({ provider, purpose, evidenceType, legalReference, mode }) => ({
            provider,
            purpose,
            evidenceType,
            fields: [evidence.field],
            legalReference,
            mode,
          })),
  )

interface RulePlan extends Pick<ApplicationPlan, 'questions' | 'faulty' | 'rule'> {
  readonly held: readonly Held[]
}

const nothingPlanned: RulePlan = { held: [], questions: [], faulty: '', rule: 'nothing-to-ask' }

/** What the rule still needs. Where it does not say, an application is taken all the same. */
const rulePlan = async (
  { context }: PageDoor,
  { person, session, deadline, language }: PersonalVisit,
  { id, benefit }: ProcedureView,
  stated: StatedFacts,
): Promise<RulePlan> => {
  if (benefit === null) return nothingPlanned
  const facts = [...stated].map(([name, value]) => factOf(name, value))
  try {
    const { outcome } = await context.neighbours.eligibility.planAssessment(
      { subject: person.subject, procedure: id, day: '', facts, language },
      { deadline: deadline.keepingBack(deadline.remainingMs()), accessToken: session.accessToken },
    )
    if (outcome?.$case !== 'plan') return nothingPlanned
    const planned = plannedFactsView(outcome.value)
    const held = planned.flatMap(({ holders }) =>
      holders.map(({ provider, source, mode, legalReference }) => ({
        provider,
        purpose: source.purpose,
        evidenceType: source.evidenceType,
        fields: [source.field],
        legalReference,
        mode,
      })),
    )
    // Who holds a fact is asked before the person is (CRPA L113-12).
    const questions = planned.filter(({ holders }) => holders.length === 0).map(({ fact }) => fact)
    return { held, questions, faulty: '', rule: 'asked' }
  } catch (thrown) {
    const { reason, facts: told } = toMeshError(thrown)
    if (reason === 'FACT_INVALID') return { ...nothingPlanned, faulty: told.field ?? '', rule: 'asked' }
    context.log.warn({ reason }, 'what an application needs is not known; it is taken without')
    return { ...nothingPlanned, rule: 'silent' }
  }
}

/** What will be asked of whom for a procedure, the person having stated these facts. */
export const planOf = async (
  door: PageDoor,
  visit: PersonalVisit,
  procedure: ProcedureView,
  stated: StatedFacts = noFacts,
): Promise<ApplicationPlan> => {
  const { held, ...ofRule } = await rulePlan(door, visit, procedure, stated)
  const without = (all: readonly Held[], named: readonly Held[]): Held[] => {
    const isNamed = (evidenceType: string, field: string): boolean =>
      named.some((one) => one.evidenceType === evidenceType && one.fields.includes(field))
    return together(all)
      .map((one) => ({ ...one, fields: one.fields.filter((field) => !isNamed(one.evidenceType, field)) }))
      .filter(({ fields }) => fields.length > 0)
  }
  const own = ownAuthorisations(door, procedure)
  const ofOthers = held.filter((one) => isOfSecondPerson(own, one))
  const ofPerson = held.filter((one) => !ofOthers.includes(one))
  const told = together(ofPerson.filter(({ mode }) => mode === 'information'))
  const later = without(
    ofPerson.filter(({ mode }) => mode !== 'information'),
    told,
  )
  return { ...ofRule, told, later, byAgent: without([...sourcesOfFields(own, procedure), ...ofOthers], ofPerson) }
}

/** One notice for each member and purpose. */
export const noticesOf = ({ context }: PageDoor, told: readonly Source[]): Notice[] => {
  const notices = new Map<string, Notice>()
  for (const { provider, purpose, evidenceType } of told) {
    const key = `${provider} ${purpose}`
    const { textVersion } = context.federation.current.purpose(purpose)
    const before = notices.get(key)?.evidenceTypes ?? []
    notices.set(key, { provider, purpose, textVersion, evidenceTypes: [...new Set([...before, evidenceType])] })
  }
  return [...notices.values()]
}
