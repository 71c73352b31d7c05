import { type Procedure, ProcedureKind, Silence, Way } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { faultsOfProcedure, type ProcedureData, type Reach } from '../domain/procedure.js'
import { readProcedure } from '../read-procedure.js'
import type { PublishedProcedure } from '../store/published-procedures.js'

const kinds: Record<ProcedureData['kind'], ProcedureKind> = {
  benefit: ProcedureKind.PROCEDURE_KIND_BENEFIT,
  orientation: ProcedureKind.PROCEDURE_KIND_ORIENTATION,
  plain: ProcedureKind.PROCEDURE_KIND_PLAIN,
}
const silences: Record<ProcedureData['silence']['means'], Silence> = {
  acceptance: Silence.SILENCE_ACCEPTANCE,
  rejection: Silence.SILENCE_REJECTION,
  none: Silence.SILENCE_NONE,
}
const ways: Record<ProcedureData['steps'][string]['ways'][number], Way> = {
  online: Way.WAY_ONLINE,
  counter: Way.WAY_COUNTER,
  telephone: Way.WAY_TELEPHONE,
  post: Way.WAY_POST,
  'home-visit': Way.WAY_HOME_VISIT,
}

/** A published procedure as others see it, with what would speak against it today. */
export const procedureView = (published: PublishedProcedure, reach: Reach): Procedure => {
  const read = readProcedure(published.source)
  if (!('value' in read)) throw new Error(`procedure ${published.id} can no longer be read: ${JSON.stringify(read)}`)
  const { value } = read
  const citation = (name: string): string => value.references[name]?.citation ?? ''
  return {
    id: value.id,
    sha256: published.sha256,
    kind: kinds[value.kind],
    title: value.title,
    summary: value.summary,
    benefit: value.benefit ?? '',
    purposes: [...value.purposes],
    service: value.service,
    fields: Object.entries(value.fields).map(([id, { title, isMandatory, evidence, isGivenByPerson }]) => ({
      id,
      title,
      isMandatory,
      evidenceType: evidence?.type ?? '',
      field: evidence?.field ?? '',
      isGivenByPerson,
    })),
    steps: Object.entries(value.steps).map(([id, step]) => ({
      id,
      title: step.title,
      ways: step.ways.map((way) => ways[way]),
    })),
    silence: {
      silence: silences[value.silence.means],
      count: value.silence.after?.count ?? 0,
      unit: value.silence.after?.unit ?? '',
      legalReference: citation(value.silence.reference),
    },
    remedies: value.remedies.map(({ title, within, isMandatoryFirst, reference }) => ({
      title,
      ...within,
      isMandatoryFirst,
      legalReference: citation(reference),
    })),
    legalReferences: Object.values(value.references).map(({ citation, checked, source = '' }) => ({
      citation,
      checked,
      source,
    })),
    takesApplications: value.application !== undefined,
    isAutomatic: value.application?.automatic ?? false,
    completionCount: value.application?.completion.count ?? 0,
    completionUnit: value.application?.completion.unit ?? '',
    publishedAtMs: published.publishedAtMs,
    faults: faultsOfProcedure(value, reach).map(({ at, what }) => `${at} ${what}`),
  }
}
