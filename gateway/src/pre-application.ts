/** A number of a pre-application of the national hub. */
export const preApplicationShape = /^[A-Z0-9]{10}$/
