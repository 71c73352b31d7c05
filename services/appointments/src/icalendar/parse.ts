import type { Component, Property } from './icalendar.js'
import type { Steps } from './steps.js'

/** What is no iCalendar object: where, and what should be there; never a value. */
export interface CalendarFault {
  readonly field: string
  readonly what: string
}

const deepest = 8
const linesOfStep = 500
const nameAtStart = /^[A-Za-z0-9-]+/
const parameter = /^;([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)/

/** One unfolded content line; undefined where it is none. */
const propertyIn = (line: string): Property | undefined => {
  const name = nameAtStart.exec(line)?.[0]
  if (name === undefined) return undefined
  let rest = line.slice(name.length)
  const parameters: Record<string, string> = {}
  for (let found = parameter.exec(rest); found; found = parameter.exec(rest)) {
    const [whole, key = '', value = ''] = found
    parameters[key.toUpperCase()] = /^"[^"]*"$/.test(value) ? value.slice(1, -1) : value
    rest = rest.slice(whole.length)
  }
  return rest.startsWith(':') ? { name: name.toUpperCase(), parameters, value: rest.slice(1) } : undefined
}

interface Open {
  readonly name: string
  readonly properties: Property[]
  readonly components: Component[]
}

/**
 * Reads one or more VCALENDAR objects (RFC 5545). Lines may end by LF alone, as many programs write them; whatever else is no
 * calendar is a fault that names the line, counted from 1 after unfolding.
 */
export function* parseCalendars(text: string): Steps<readonly Component[] | CalendarFault> {
  const lines = text
    .replace(/^\ufeff/, '')
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
  const root: Open = { name: '', properties: [], components: [] }
  const open: Open[] = [root]
  for (const [index, line] of lines.entries()) {
    if (index % linesOfStep === linesOfStep - 1) yield
    if (line.trim() === '') continue
    const fault = (what: string): CalendarFault => ({ field: `icalendar.lines.${index + 1}`, what })
    const read = propertyIn(line)
    if (!read) return fault('is a name, a colon and a value')
    const inner = open.at(-1) ?? root
    const named = read.value.trim().toUpperCase()
    if (read.name === 'BEGIN') {
      if (inner === root && named !== 'VCALENDAR') return fault('begins a VCALENDAR')
      if (open.length > deepest) return fault('lies less deep')
      open.push({ name: named, properties: [], components: [] })
    } else if (inner === root) {
      return fault('begins a VCALENDAR')
    } else if (read.name === 'END') {
      if (named !== inner.name) return fault('ends what was begun last')
      open.pop()
      open.at(-1)?.components.push(inner)
    } else inner.properties.push(read)
  }
  if (open.length > 1) return { field: 'icalendar', what: 'ends what it begins' }
  if (root.components.length === 0) return { field: 'icalendar', what: 'is a VCALENDAR' }
  return root.components
}
