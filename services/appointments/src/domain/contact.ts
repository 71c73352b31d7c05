import type { ContactWay } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { FieldFault } from '@unefois/proto/hand'

const longestEmail = 254
const longestPostal = 300
const isEmail = (text: string): boolean =>
  text.length <= longestEmail && /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]+$/.test(text)
/** E.164. */
const isTelephone = (text: string): boolean => /^\+[1-9]\d{6,14}$/.test(text)

const addressOf: Readonly<Record<string, { readonly isGood: (text: string) => boolean; readonly what: string }>> = {
  email: { isGood: isEmail, what: 'is an e-mail address' },
  sms: { isGood: isTelephone, what: 'is a telephone number as +33612345678' },
  telephone: { isGood: isTelephone, what: 'is a telephone number as +33612345678' },
  post: {
    isGood: (text) => text.trim() !== '' && text.length <= longestPostal,
    what: `is a postal address of at most ${longestPostal} characters`,
  },
  none: { isGood: (text) => text === '', what: 'is empty for the way none' },
}

/** What is wrong with how somebody wants to hear. */
export const contactFault = (contact: ContactWay | undefined): FieldFault | undefined => {
  if (!contact) return { field: 'contact', what: 'says how the person wants to hear of it, or none' }
  if (!Object.hasOwn(addressOf, contact.way))
    return { field: 'contact.way', what: `is one of ${Object.keys(addressOf).join(', ')}` }
  const address = addressOf[contact.way]
  return address?.isGood(contact.address) ? undefined : { field: 'contact.address', what: address?.what ?? '' }
}
