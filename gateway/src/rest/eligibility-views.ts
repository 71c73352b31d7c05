import {
  Answer,
  type Explanation,
  FactKind,
  type Finding,
  type MissingFact,
  type NoRelease,
} from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import { type Procedure, ProcedureKind, Silence, Way } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import type { Release, Text } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import type { z } from 'zod'
import type {
  finding,
  noRelease,
  procedureKind,
  publishedProcedure,
  release,
  silence,
  way,
} from './eligibility-schemas.js'
import { instantOf } from './views.js'

// From the messages of the eligibility contracts to what the REST door and the pages show.

export type ProcedureView = z.infer<typeof publishedProcedure>
export type ReleaseView = z.infer<typeof release>
export type FindingView = z.infer<typeof finding>
export type MissingView = FindingView['missing'][number]
export type AnswerView = FindingView['answer']
export type NoReleaseView = z.infer<typeof noRelease>
export type WayView = z.infer<typeof way>
type Unit = NonNullable<ProcedureView['silence']>['unit']

const kinds: Readonly<Record<number, z.infer<typeof procedureKind>>> = {
  [ProcedureKind.PROCEDURE_KIND_BENEFIT]: 'benefit',
  [ProcedureKind.PROCEDURE_KIND_ORIENTATION]: 'orientation',
  [ProcedureKind.PROCEDURE_KIND_PLAIN]: 'plain',
}
const ways: Readonly<Record<number, WayView>> = {
  [Way.WAY_ONLINE]: 'online',
  [Way.WAY_COUNTER]: 'counter',
  [Way.WAY_TELEPHONE]: 'telephone',
  [Way.WAY_POST]: 'post',
  [Way.WAY_HOME_VISIT]: 'home-visit',
}
const silences: Readonly<Record<number, z.infer<typeof silence>>> = {
  [Silence.SILENCE_ACCEPTANCE]: 'acceptance',
  [Silence.SILENCE_REJECTION]: 'rejection',
  [Silence.SILENCE_NONE]: 'none',
}
const answers: Readonly<Record<number, AnswerView>> = {
  [Answer.ANSWER_YES]: 'yes',
  [Answer.ANSWER_NO]: 'no',
}
const factKinds: Readonly<Record<number, MissingView['kind']>> = {
  [FactKind.FACT_KIND_NUMBER]: 'number',
  [FactKind.FACT_KIND_YES_NO]: 'yes-no',
  [FactKind.FACT_KIND_CHOICE]: 'choice',
}
const units: readonly string[] = ['days', 'weeks', 'months']

export const textOf = (text: Text | undefined): { fr: string; en: string } => ({
  fr: text?.fr ?? '',
  en: text?.en ?? '',
})
export const unitOf = (unit: string): Unit => (units.includes(unit) ? (unit as Unit) : '')

export const procedureView = (one: Procedure): ProcedureView => ({
  id: one.id,
  sha256: one.sha256,
  kind: kinds[one.kind] ?? 'unknown',
  title: textOf(one.title),
  summary: textOf(one.summary),
  benefit: one.benefit || null,
  purposes: one.purposes,
  service: one.service
    ? {
        name: textOf(one.service.name),
        address: one.service.address,
        telephone: one.service.telephone,
        hours: textOf(one.service.hours),
      }
    : null,
  fields: one.fields.map(({ id, title, isMandatory, isGivenByPerson, evidenceType, field }) => ({
    id,
    title: textOf(title),
    isMandatory,
    isGivenByPerson,
    evidence: evidenceType === '' ? null : { evidenceType, field },
  })),
  steps: one.steps.map((step) => ({
    id: step.id,
    title: textOf(step.title),
    ways: step.ways.map((each) => ways[each] ?? 'unknown'),
  })),
  silence: one.silence
    ? {
        means: silences[one.silence.silence] ?? 'unknown',
        count: one.silence.count,
        unit: unitOf(one.silence.unit),
        legalReference: one.silence.legalReference,
      }
    : null,
  remedies: one.remedies.map(({ title, count, unit, isMandatoryFirst, legalReference }) => ({
    title: textOf(title),
    count,
    unit: unitOf(unit),
    isMandatoryFirst,
    legalReference,
  })),
  legalReferences: one.legalReferences.map(({ citation, checked, source }) => ({ citation, checked, source })),
  application: one.takesApplications
    ? {
        isAutomatic: one.isAutomatic,
        completion: { count: one.completionCount, unit: unitOf(one.completionUnit) },
      }
    : null,
  publishedAt: instantOf(one.publishedAtMs),
  faults: one.faults,
})

export const releaseView = (one: Release): ReleaseView => ({
  sha256: one.sha256,
  benefit: one.benefit,
  title: textOf(one.title),
  validFrom: one.validFrom,
  validTo: one.validTo || null,
  author: one.author,
  reviewer: one.reviewer,
  legalReferences: one.legalReferences.map(({ citation, checked, source }) => ({ citation, checked, source })),
  scope: one.scope.map(textOf),
  publishedAt: instantOf(one.publishedAtMs),
  replacedBy: one.replacedBy || null,
})

export const noReleaseView = ({ day, nearest }: NoRelease): NoReleaseView => ({
  day,
  nearest: nearest ? releaseView(nearest) : null,
})

/** Whatever is neither yes nor no is unknown. */
const answerOf = (answer: Answer): AnswerView => answers[answer] ?? 'unknown'

export const missingView = ({
  kind,
  minimum,
  maximum,
  decimals,
  choices,
  sources,
  ...asked
}: MissingFact): MissingView => {
  const isNumber = kind === FactKind.FACT_KIND_NUMBER
  return {
    name: asked.name,
    kind: factKinds[kind] ?? 'unknown',
    question: asked.question,
    hint: asked.hint,
    unit: asked.unit,
    minimum: isNumber ? minimum : null,
    maximum: isNumber ? maximum : null,
    decimals: isNumber ? decimals : null,
    choices: choices.map(({ value, title }) => ({ value, title })),
    sources: sources.map(({ evidenceType, field, purpose }) => ({ evidenceType, field, purpose })),
  }
}

/** Why the answer is as it is; empty where there is no explanation. */
export const explanationView = (one: Explanation | undefined): FindingView['explanation'] => ({
  language: one?.language ?? '',
  summary: one?.summary ?? '',
  conditions: (one?.conditions ?? []).map(({ answer, ...condition }) => ({
    name: condition.name,
    title: condition.title,
    answer: answerOf(answer),
    sentence: condition.sentence,
    hasDecided: condition.hasDecided,
    legalReference: condition.legalReference,
  })),
  scope: [...(one?.scope ?? [])],
})

/** What a rule found; undefined for an answer that names no release, which nothing can rest on. */
export const findingView = (one: Finding): FindingView | undefined => {
  if (!one.release) return undefined
  return {
    answer: answerOf(one.answer),
    release: releaseView(one.release),
    gives: one.gives.flatMap(({ name, title, value, unit, text }) =>
      value ? [{ name, title, value: value.value, unit, text }] : [],
    ),
    missing: one.missing.map(missingView),
    explanation: explanationView(one.explanation),
  }
}
