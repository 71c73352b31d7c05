// Addresses of pages that somebody opens without an account: who knows the secret may do what the page does.

/** Where somebody books by a link that the agency gave. */
export const linkPath = (secret: string): string => `/book/link/${encodeURIComponent(secret)}`

/** Where an appointment that was booked without an account is seen, moved and cancelled. */
export const secretPath = (secret: string): string => `/appointments/by-secret/${encodeURIComponent(secret)}`

/** Where a slot that the national hub has shown is booked. */
export const hubBookingPath = '/book/hub'
