import type { EvidenceHad, ToBring } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { ServiceType } from '@unefois/proto/gen/unefois/appointments/v1/calendar'
import type { Evidence, Route } from '@unefois/proto/gen/unefois/documents/v1/documents'
import type { NotObtained } from '@unefois/proto/gen/unefois/eligibility/v1/eligibility'
import type { Procedure } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import type { Text } from '@unefois/proto/gen/unefois/eligibility/v1/rules'

/** Something that a meeting needs and that evidence can tell. */
export interface PreparedNeed {
  readonly title: Text | undefined
  readonly evidenceType: string
  /** None: all that an authorisation lists. */
  readonly fields: readonly string[]
  /** For what others may be asked; undefined: whatever the basis is for. */
  readonly purposes: readonly string[] | undefined
}

/** A member that may be asked now, on a basis that the caller gave. */
export interface Offer {
  readonly provider: string
  readonly purpose: string
  readonly basisId: string
  readonly evidenceType: string
  /** All that the authorisation lists. */
  readonly fields: readonly string[]
  /** Whether the authorisation gives this field, or the answer to this predicate. */
  readonly gives: (field: string) => boolean
}

type WantedProcedure = Pick<Procedure, 'fields' | 'purposes'>

/** What can be asked of others for a meeting: what nobody needs to give in the procedure, and what the service type names beside it. */
export const preparedNeeds = (
  { evidence }: Pick<ServiceType, 'evidence'>,
  procedure: WantedProcedure | undefined,
): PreparedNeed[] => [
  ...(procedure?.fields ?? [])
    .filter(({ evidenceType, isGivenByPerson }) => evidenceType !== '' && !isGivenByPerson)
    .map(({ title, evidenceType, field }) => ({
      title,
      evidenceType,
      fields: [field],
      purposes: procedure?.purposes ?? [],
    })),
  ...evidence.map(({ title, evidenceType, fields }) => ({ title, evidenceType, fields, purposes: undefined })),
]

/** What was had: of which evidence, and which of its fields. */
export type Had = readonly EvidenceHad[]

const isHad = (had: Had, evidenceType: string, field: string): boolean =>
  had.some((each) => each.evidenceType === evidenceType && each.fields.includes(field))

/** Whether everything that is needed is there. */
export const isMet = ({ evidenceType, fields }: PreparedNeed, had: Had): boolean =>
  fields.length === 0
    ? had.some((each) => each.evidenceType === evidenceType)
    : fields.every((field) => isHad(had, evidenceType, field))

const wantedOf = (need: PreparedNeed, { evidenceType, purpose, fields, gives }: Offer): readonly string[] => {
  if (need.evidenceType !== evidenceType) return []
  if (need.purposes && !need.purposes.includes(purpose)) return []
  return need.fields.length === 0 ? fields : need.fields.filter(gives)
}

/** What a member can tell that nobody has told yet. */
export const fieldsToAsk = (needs: readonly PreparedNeed[], offer: Offer, had: Had): string[] => {
  const wanted = needs.filter((need) => !isMet(need, had)).flatMap((need) => wantedOf(need, offer))
  return [...new Set(wanted)].filter((field) => !isHad(had, offer.evidenceType, field))
}

const isThere = (value: unknown, [step, ...rest]: readonly string[]): boolean => {
  if (value === undefined || value === null) return false
  if (step === undefined) return true
  if (Array.isArray(value)) return value.some((each) => isThere(each, [step, ...rest]))
  if (typeof value !== 'object' || !Object.hasOwn(value, step)) return false
  return isThere((value as Readonly<Record<string, unknown>>)[step], rest)
}

/** Which of the fields evidence tells. Of their values nothing is kept. */
export const fieldsTold = (
  { predicates }: Pick<Evidence, 'predicates'>,
  values: unknown,
  fields: readonly string[],
): string[] =>
  fields.filter((field) => predicates.some(({ predicate }) => predicate === field) || isThere(values, field.split('.')))

/** What one exchange brought, by what it was needed for. */
export const hadOf = (
  needs: readonly PreparedNeed[],
  offer: Offer,
  told: readonly string[],
  exchangeId: string,
): EvidenceHad[] =>
  needs
    .map((need) => ({ title: need.title, fields: wantedOf(need, offer).filter((field) => told.includes(field)) }))
    .filter(({ fields }) => fields.length > 0)
    .map(({ title, fields }) => ({
      title,
      provider: offer.provider,
      evidenceType: offer.evidenceType,
      fields,
      exchangeId,
    }))

const routesOf = (notObtained: readonly NotObtained[], type: string): Route[] | undefined =>
  notObtained.flatMap(({ evidenceType, why }) =>
    evidenceType === type && why?.$case === 'otherRoute' ? [why.value.routes] : [],
  )[0]

const unread: Text = {
  fr: 'Les autres pièces de la démarche n’ont pas pu être consultées : demandez-les au lieu du rendez-vous',
  en: 'What else the procedure asks could not be looked up: ask the place of the appointment',
}

export interface BringList {
  readonly type: Pick<ServiceType, 'toBring'>
  readonly needs: readonly PreparedNeed[]
  readonly had: Had
  readonly notObtained: readonly NotObtained[]
  /** Whether what the procedure asks is known. */
  readonly procedure: 'none' | 'read' | 'unread'
  /** The ways on that the federation knows where evidence of a type is not had. */
  readonly usualRoutes: (evidenceType: string) => Route[]
}

/** What the person brings: what was not had, with other ways where there are some, then what nobody can fetch. */
export const bringList = ({ type, needs, had, notObtained, procedure, usualRoutes }: BringList): ToBring[] => [
  ...needs
    .filter((need) => !isMet(need, had))
    .map(({ title, evidenceType }) => ({
      title,
      routes: routesOf(notObtained, evidenceType) ?? usualRoutes(evidenceType),
    })),
  ...(procedure === 'unread' ? [{ title: unread, routes: [] }] : []),
  ...type.toBring.map((title) => ({ title, routes: [] })),
]
