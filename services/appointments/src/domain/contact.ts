import type { ContactWay } from '@unefois/proto/gen/unefois/appointments/v1/appointments'
import type { FieldFault } from '@unefois/proto/hand'

const longestEmail = 254
const longestPostal = 300
const isEmail = (text: string): boolean =>
  text.length <= longestEmail && /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]+$/.test(text)
/** E.164. */
const isTelephone = (text: string): boolean => /^\+[1-9]\d{6,14}$/.test(text)

const isPostal = (text: string): boolean =>
  text.trim() !== '' && text.length <= longestPostal && !isTelephone(text.trim()) && !isEmail(text.trim())

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
  if (!address?.isGood(contact.address)) return { field: 'contact.address', what: address?.what ?? '' }
  const tooLong = (contact.reachedAt ?? '').length > longestPostal
  return tooLong ? { field: 'contact.reachedAt', what: `has at most ${longestPostal} characters` } : undefined
}

/** How somebody is met: they are called, visited at home, sent a link, or they come. */
export type Reach = 'call' | 'home' | 'link' | 'comes'

const reachedAtFor: Readonly<Record<'call' | 'home', (typeof addressOf)[string]>> = {
  call: { isGood: isTelephone, what: 'is the telephone number at which the person is called, as +33612345678' },
  home: {
    isGood: isPostal,
    what: `is the address at which the person is visited, of at most ${longestPostal} characters`,
  },
}

/** What is kept of how somebody hears and is reached for a meeting; what is missing for it. Only of a contact without a fault. */
export const contactFor = (contact: ContactWay | undefined, reach: Reach): ContactWay | FieldFault => {
  const { way, address, reachedAt } = contact ?? { way: 'none', address: '' }
  if (reach === 'comes') return { way, address }
  if (reach === 'link')
    return way === 'none'
      ? { field: 'contact.way', what: 'is one by which the person hears how to join' }
      : { way, address }
  const { isGood, what } = reachedAtFor[reach]
  const at = reachedAt || address
  return isGood(at) ? { way, address, reachedAt: at } : { field: 'contact.reachedAt', what }
}
