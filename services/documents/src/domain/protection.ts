import type { Authorisation, EvidenceType, Predicate } from '@unefois/proto/federation-list'
import { isCovered, type JsonObject, type JsonValue, parsePath } from '@unefois/proto/mask'
import type { Reason } from '@unefois/proto/reasons'
import { type AskedPredicate, type HeldEvidence, type Holding, releasedFields } from './evidence.js'

/**
 * Protected persons: where somebody lives, goes to school, works or is cared for, or through whom, is withheld while a decision
 * hides it. Withheld is absent: everything downstream sees evidence as a register would give it that does not have the field,
 * and nothing says why, because that somebody is protected is itself a danger to them.
 */
export interface Protection {
  readonly untilMs: number
  /** Marks of the decisions; people who share one are not hidden from each other. */
  readonly marks: readonly string[]
}
/** Who is protected at this moment, of those who were looked up. */
export type Protected = ReadonlyMap<string, Protection>

/** What an evidence type's places are; `unsaid` withholds every field. */
export type PlacesOf = Pick<EvidenceType, 'places'>

/**
 * After a protection ended, what was previewed without places is still released without: a person may be shown a preview for
 * as long as a session lasts (12 h) and their answer counts for an hour. A day covers both.
 */
export const previewGraceMs = 24 * 3600 * 1000

/** Since when a protection must have ended for a release in this mode to tell places again. */
export const mustHaveEndedBy = ({ mode }: Pick<Authorisation, 'mode'>, nowMs: number): number =>
  mode === 'explicit-request' ? nowMs - previewGraceMs : nowMs

const overlap = (a: string, b: string): boolean => isCovered(a, [b]) || isCovered(b, [a])
const meet = (fields: readonly string[], places: readonly string[] | undefined): boolean =>
  places === undefined ? fields.length > 0 : fields.some((field) => places.some((place) => overlap(field, place)))

const isAboutPlace = (predicate: Predicate | undefined, places: readonly string[] | undefined): boolean =>
  predicate?.kind === 'at-most' && meet([predicate.field], places)

/**
 * Whether anything that this authorisation could ever release concerns protection: a place, a predicate about one, or a question
 * about a second person. Where it is not so, nobody needs to be looked up.
 */
export const concernsPlaces = (
  authorisation: Pick<Authorisation, 'fields' | 'predicates' | 'protectedPlacesBy'>,
  { places }: PlacesOf,
): boolean =>
  authorisation.protectedPlacesBy === undefined &&
  (meet(authorisation.fields, places) ||
    authorisation.predicates.some((each) => each.kind === 'related-subject' || isAboutPlace(each, places)))

/** The people whose protection decides what of a release is withheld; nobody where nothing asked for concerns them. */
export const peopleOf = (
  authorisation: Pick<Authorisation, 'fields' | 'predicates' | 'protectedPlacesBy'>,
  { places }: PlacesOf,
  holding: Holding,
  asked: { readonly fields: readonly string[]; readonly predicates: readonly AskedPredicate[] },
  subject: string,
): readonly string[] => {
  if (holding.kind !== 'found' || authorisation.protectedPlacesBy !== undefined) return []
  const predicateOf = (id: string) => authorisation.predicates.find((each) => each.id === id)
  const isPlaceAsked =
    meet(releasedFields(authorisation, asked), places) ||
    asked.predicates.some(({ id }) => isAboutPlace(predicateOf(id), places))
  const seconds = asked.predicates.flatMap(({ argument }) => argument ?? [])
  const named = isPlaceAsked ? [subject, ...holding.evidence.related.map((each) => each.subject)] : []
  return [...new Set([...named, ...seconds])]
}

/** A holding as if the register did not have these places. */
export const withoutPlacesHeld = (holding: Holding, type: PlacesOf): Holding =>
  holding.kind === 'found'
    ? { kind: 'found', evidence: { ...holding.evidence, value: withoutPlaces(holding.evidence.value, type) } }
    : holding

/**
 * What a requester may know of a holding when these people are protected: no places, and nothing at all in answer to a question
 * about a protected second person. A missing answer beside the rest would be an answer, so the evidence is then absent.
 */
export const asRequesterMaySee = (
  holding: Holding,
  type: PlacesOf,
  asked: { readonly predicates: readonly AskedPredicate[] },
  known: Protected,
): Holding => {
  if (known.size === 0) return holding
  if (asked.predicates.some(({ argument }) => argument !== undefined && known.has(argument))) return { kind: 'absent' }
  return withoutPlacesHeld(holding, type)
}

/**
 * Whether a person who looks at their own file sees its places: not where it names somebody else who is protected, unless one
 * decision protects both. Their own protection hides nothing from themselves.
 */
export const arePlacesOwn = (evidence: Pick<HeldEvidence, 'related'>, subject: string, known: Protected): boolean => {
  const own = known.get(subject)?.marks ?? []
  return evidence.related.every(({ subject: other }) => {
    const protection = known.get(other)
    return (
      other === subject ||
      protection === undefined ||
      protection.marks.some((mark) => mark !== '' && own.includes(mark))
    )
  })
}

/** Who is looking at what is held about them: how they logged in, and who acts for them, if anybody. */
export interface Viewer {
  readonly acr: string | undefined
  /** RFC 8693 `act`: a helper, an agent at a counter. Nobody is one yet; whoever becomes one sees nothing of this. */
  readonly actor?: unknown
}

/** The lowest login with which a protected person sees their own data; a shared or guessed account does not reach it. */
export const ownViewAcr = 'eidas2'
const strongEnough: readonly (string | undefined)[] = [ownViewAcr, 'eidas3']

/** What is said to whoever looks at a protected person's own data: CALLER_NOT_ALLOWED to a helper, ASSURANCE_TOO_LOW to a weak login. */
export const ownViewRefusal = (protection: Protection | undefined, { acr, actor }: Viewer): Reason | undefined => {
  if (protection === undefined) return undefined
  if (actor !== undefined) return 'CALLER_NOT_ALLOWED'
  return strongEnough.includes(acr) ? undefined : 'ASSURANCE_TOO_LOW'
}

/** A copy of the value without its places; what then has nothing left is absent too. Of an unsaid type nothing is left. */
export const withoutPlaces = (value: JsonObject, { places }: PlacesOf): JsonObject => {
  if (places === undefined) return {}
  const left = places.reduce<JsonValue | undefined>(
    (at, place) => (at === undefined ? undefined : cut(at, parsePath(place))),
    value,
  )
  return isObject(left) ? left : {}
}

/** Whether a value tells a place. */
export const hasPlaces = (value: JsonObject, type: PlacesOf): boolean =>
  JSON.stringify(withoutPlaces(value, type)) !== JSON.stringify(value)

const eachElement = '[]'

const cut = (value: JsonValue, [step, ...further]: readonly string[]): JsonValue | undefined => {
  if (step === undefined) return undefined
  // What is not built as its type says is withheld rather than searched; null tells nothing.
  if (step === eachElement && isList(value)) return value.map((element) => cut(element, further) ?? {})
  if (step === eachElement || !isObject(value)) return value === null ? null : undefined
  if (!Object.hasOwn(value, step)) return value
  const { [step]: inside, ...others } = value
  const left = inside === undefined ? undefined : cut(inside, further)
  const kept = left === undefined ? others : { ...value, [step]: left }
  return Object.keys(kept).length > 0 ? kept : undefined
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)
const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
