/**
 * Identifiers that two members must read alike. Each is a branded string: one kind is never passed for another.
 * No identifier here is shared by two agencies about a person (see GLOSSARY: pseudonym, basis).
 */
declare const brand: unique symbol
type Branded<B extends string> = string & { readonly [brand]: B }

/** A holder of an id and keys in the federation; a NATS token of at most 40 characters (ADR-6 restricted-term). */
export type MemberId = Branded<'MemberId'>
/** One person as one agency knows them: `p1.<epoch>.<22 base64url characters>`. */
export type SubjectId = Branded<'SubjectId'>
/** One notice or one consent between one requester and one provider; `b1.` and 22 base64url characters. */
export type BasisId = Branded<'BasisId'>

const memberId = /^[a-z][a-z0-9-]{1,39}$/
const subjectId = /^p1\.[1-9][0-9]{0,5}\.[A-Za-z0-9_-]{22}$/
const basisId = /^b1\.[A-Za-z0-9_-]{22}$/

export const isMemberId = (value: string): value is MemberId => memberId.test(value)
export const isSubjectId = (value: string): value is SubjectId => subjectId.test(value)
export const isBasisId = (value: string): value is BasisId => basisId.test(value)

/** A fresh basis id from 16 random bytes, given by the caller so that this module stays pure. */
export const basisIdFrom = (randomBytes: Uint8Array): BasisId =>
  `b1.${Buffer.from(randomBytes.subarray(0, 16)).toString('base64url')}` as BasisId
