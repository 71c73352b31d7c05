declare const brand: unique symbol

/** A person in the register, a uuid of 128 random bits; it leaves the identity authority only enciphered. */
export type PersonId = string & { readonly [brand]: 'PersonId' }

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const isPersonId = (value: string): value is PersonId => uuid.test(value)

/** The person id made of these 16 bytes. */
export const personIdFrom = (bytes: Buffer): PersonId =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as PersonId

/** The 16 bytes of a person id. */
export const bytesOfPerson = (person: PersonId): Buffer => Buffer.from(person.replaceAll('-', ''), 'hex')
