/** A property of RFC 5545: its name in capitals, its parameters and its value as it stands in the text, escapes and all. */
export interface Property {
  readonly name: string
  readonly parameters: Readonly<Record<string, string>>
  readonly value: string
}

/** A component of RFC 5545, as VCALENDAR or VEVENT. */
export interface Component {
  readonly name: string
  readonly properties: readonly Property[]
  readonly components: readonly Component[]
}

/** Octets of a line without its end (RFC 5545, 3.1). */
const longestLine = 75
const crlf = '\r\n'

/** What no TEXT may carry (RFC 5545, 3.3.11): controls beside the tab and the line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are meant.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g

/** A text as the value of a property. Each kind of line end becomes one, and what no calendar may carry is left out. */
export const escaped = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(controls, '')
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\n/g, '\\n')

/** The text that a value stands for. */
export const unescaped = (value: string): string =>
  value.replace(/\\(.)/gs, (_, after: string) => (after === 'n' || after === 'N' ? '\n' : after))

/** A property with a text. */
export const textProperty = (name: string, text: string): Property => ({ name, parameters: {}, value: escaped(text) })

/** A property whose value needs no escape. */
export const property = (name: string, value: string, parameters: Property['parameters'] = {}): Property => ({
  name,
  parameters,
  value,
})

/** Splits a line into lines of at most 75 octets of UTF-8, between characters alone. */
const folded = (line: string): string => {
  let text = ''
  let length = 0
  for (const character of line) {
    const octets = Buffer.byteLength(character)
    if (length + octets > longestLine) {
      text += `${crlf} `
      length = 1
    }
    text += character
    length += octets
  }
  return text
}

const parameterText = ([name, value]: readonly [string, string]): string =>
  `;${name}=${/[:;,]/.test(value) ? `"${value}"` : value}`

const lineOf = ({ name, parameters, value }: Property): string =>
  folded(`${name}${Object.entries(parameters).map(parameterText).join('')}:${value}`)

const linesOf = ({ name, properties, components }: Component): string[] => [
  `BEGIN:${name}`,
  ...properties.map(lineOf),
  ...components.flatMap(linesOf),
  `END:${name}`,
]

/** A component as text, each line ended by CRLF. */
export const calendarText = (component: Component): string =>
  linesOf(component)
    .map((line) => line + crlf)
    .join('')

/** The first property of a name. */
export const propertyOf = ({ properties }: Component, name: string): Property | undefined =>
  properties.find((each) => each.name === name)
