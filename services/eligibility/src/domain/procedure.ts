import { type ApplicationTerms, faultsOfApplication } from './procedure-application.js'
import type { Bilingual, Fault, Reference, Unit } from './release.js'

export type Way = 'online' | 'counter' | 'telephone' | 'post' | 'home-visit'

/** What is known of the federation when a procedure is published. */
export interface Reach {
  /** Members that an authorisation in force lets this one have the field from, for one of these purposes, while the person is there. */
  holders(evidenceType: string, field: string, purposes: readonly string[]): readonly string[]
  isPurpose(purpose: string): boolean
  isEvidenceType(evidenceType: string): boolean
  /** Whether a rule was published for the benefit; `orientation` where it only orients. */
  ruleOf(benefit: string): 'decides' | 'orients' | undefined
  /** The evidence types of a special category (GDPR article 9) among the sources of the benefit's rule. */
  specialSourcesOf(benefit: string): readonly string[]
  /** The names of the amounts that the benefit's rule gives. */
  amountsOf(benefit: string): readonly string[]
}

export interface ProcedureFieldAsked {
  readonly title: Bilingual
  readonly isMandatory: boolean
  /** What it is in the words of the federation; otherwise why no public body holds it. */
  readonly evidence?: { readonly type: string; readonly field: string } | undefined
  readonly heldByNobody?: Bilingual | undefined
  readonly isGivenByPerson: boolean
}

export interface Term {
  readonly count: number
  readonly unit: Unit
}

/** What an agency's public can ask of it. */
export interface ProcedureData {
  readonly id: string
  readonly kind: 'benefit' | 'orientation' | 'plain'
  readonly title: Bilingual
  readonly summary: Bilingual
  readonly benefit?: string | undefined
  /** It gives money, or spares it (CRPA L231-4, 3°). */
  readonly isFinancial: boolean
  readonly purposes: readonly string[]
  readonly service: {
    readonly name: Bilingual
    readonly address: string
    readonly telephone: string
    readonly hours: Bilingual
  }
  readonly fields: Readonly<Record<string, ProcedureFieldAsked>>
  readonly steps: Readonly<Record<string, { readonly title: Bilingual; readonly ways: readonly Way[] }>>
  readonly silence: {
    readonly means: 'acceptance' | 'rejection' | 'none'
    readonly after?: Term | undefined
    readonly reference: string
    /** The text by which silence accepts although money is asked for: in social security, a decree may say so. */
    readonly despiteMoney?: string | undefined
  }
  readonly remedies: readonly {
    readonly title: Bilingual
    readonly within: Term
    readonly isMandatoryFirst: boolean
    readonly reference: string
  }[]
  /** Absent: no applications are taken here. */
  readonly application?: ApplicationTerms | undefined
  readonly references: Readonly<Record<string, Reference>>
}

const fault = (at: string, what: string): Fault => ({ at, what })

const faultsOfFields = ({ fields, purposes }: ProcedureData, reach: Reach): Fault[] =>
  Object.entries(fields).flatMap(([id, { evidence, heldByNobody, isGivenByPerson, isMandatory }]) => {
    const at = `fields/${id}`
    if (!evidence) {
      if (!heldByNobody) return [fault(at, 'says what it is (evidence), or why no public body holds it (heldByNobody)')]
      return isGivenByPerson ? [] : [fault(at, 'is given by the person: nobody else holds it')]
    }
    if (!reach.isEvidenceType(evidence.type))
      return [fault(`${at}/evidence/type`, 'is no evidence type of the federation')]
    const holders = reach.holders(evidence.type, evidence.field, purposes)
    if (!isGivenByPerson && holders.length === 0)
      return [
        fault(at, 'can be had from nobody: no authorisation in force gives it for the purposes of this procedure'),
      ]
    if (isGivenByPerson && isMandatory && holders.length > 0)
      return [
        fault(
          at,
          `must not be asked of the person, because ${holders.join(', ')} can give it (CRPA L113-12): ask there, or make it optional`,
        ),
      ]
    return []
  })

const faultsOfSteps = ({ steps }: ProcedureData): Fault[] =>
  Object.entries(steps).flatMap(([id, { ways }]) =>
    ways.some((way) => way !== 'online')
      ? []
      : [
          fault(
            `steps/${id}/ways`,
            'has a way that needs no computer: counter, telephone, post or home-visit (CRPA L112-8 to L112-10)',
          ),
        ],
  )

const faultsOfSilence = ({ silence, isFinancial, remedies, references }: ProcedureData): Fault[] => [
  ...(silence.means === 'none' || silence.after ? [] : [fault('silence/after', 'says after how long')]),
  ...(silence.means === 'acceptance' && isFinancial && silence.despiteMoney === undefined
    ? [
        fault(
          'silence/means',
          'is rejection where money is asked for (CRPA L231-4, 3°), unless despiteMoney names the text',
        ),
      ]
    : []),
  ...(silence.means === 'rejection' && remedies.length === 0
    ? [fault('remedies', 'says what a person can do against a rejection')]
    : []),
  ...[
    silence.reference,
    ...(silence.despiteMoney === undefined ? [] : [silence.despiteMoney]),
    ...remedies.map(({ reference }) => reference),
  ].flatMap((name) => (Object.hasOwn(references, name) ? [] : [fault('references', `has no ${name}`)])),
]

const faultsOfRule = ({ kind, benefit }: ProcedureData, reach: Reach): Fault[] => {
  if (kind === 'plain') return benefit === undefined ? [] : [fault('benefit', 'is for a procedure with a rule')]
  if (benefit === undefined) return [fault('benefit', 'names whose rule it follows')]
  const rule = reach.ruleOf(benefit)
  if (rule === undefined) return [fault('benefit', 'has no rule here: publish its release first')]
  if ((kind === 'orientation') === (rule === 'orients')) return []
  return [
    fault('kind', kind === 'orientation' ? 'is benefit: its rule decides' : 'is orientation: its rule only orients'),
  ]
}

/** What is wrong with a procedure, as the federation stands. */
export const faultsOfProcedure = (procedure: ProcedureData, reach: Reach): Fault[] => [
  ...procedure.purposes.flatMap((purpose, index) =>
    reach.isPurpose(purpose) ? [] : [fault(`purposes/${index}`, 'is no purpose of the federation')],
  ),
  ...faultsOfRule(procedure, reach),
  ...faultsOfFields(procedure, reach),
  ...faultsOfSteps(procedure),
  ...faultsOfSilence(procedure),
  ...faultsOfApplication(procedure, reach),
]
