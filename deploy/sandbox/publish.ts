import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ProcedureServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/procedures'
import { RuleServiceDefinition } from '@unefois/proto/gen/unefois/eligibility/v1/rules'
import { toMeshError } from '@unefois/proto/reasons'
import { parse } from 'yaml'
import { AgencySystem } from './agency-system.js'
import type { Places } from './places.js'
import { type ServiceName, servicesOf } from './topology.js'

/** The sources of one member in a folder of its federation, by their names. */
const sourcesIn = (folder: string): { readonly path: string; readonly source: string }[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.yaml'))
        .sort()
        .map((name) => ({ path: join(folder, name), source: readFileSync(join(folder, name), 'utf8') }))
    : []

/** Publishes one source; the message of an error names the file and everything that is wrong in it. */
const publish = async (path: string, send: () => Promise<unknown>): Promise<void> => {
  try {
    await send()
  } catch (thrown) {
    const { reason, facts, message } = toMeshError(thrown)
    throw new Error(`${path}: ${reason} ${facts.faults ?? message}`)
  }
}

const publishOf = async (places: Places, member: string): Promise<void> => {
  const { folder } = places.plan
  const system = new AgencySystem(places, member)
  try {
    const rules = system.service('eligibility', RuleServiceDefinition)
    for (const { path, source } of sourcesIn(join(folder, 'rules', member)))
      await publish(path, async () =>
        rules.publishRelease({ source, replaces: '' }, await system.call('rules:publish')),
      )
    const procedures = system.service('eligibility', ProcedureServiceDefinition)
    for (const { path, source } of sourcesIn(join(folder, 'procedures', member)))
      await publish(path, async () => procedures.publishProcedure({ source }, await system.call('procedures:publish')))
  } finally {
    system.close()
  }
}

/** Publishes a member's calendar at its gateway, as the software that keeps it would. */
const publishCalendarOf = async (places: Places, member: string): Promise<void> => {
  const path = join(places.plan.folder, 'calendars', `${member}.yaml`)
  if (!existsSync(path)) return
  const system = new AgencySystem(places, member)
  try {
    const { accessToken } = await system.call('calendar:publish')
    const answer = await fetch(`${places.origin(member)}/v1/calendar`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${accessToken}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(parse(readFileSync(path, 'utf8'))),
    })
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  } finally {
    system.close()
  }
}

/**
 * Publishes the rules, procedures and calendars that stand in a federation's folder, each by the software of the agency whose they are. What
 * is published already stays as it is.
 */
export const publishAll = async (places: Places): Promise<void> => {
  const running = (service: ServiceName) =>
    places.plan.agencies.filter((member) => servicesOf(member).includes(service)).map(({ id }) => id)
  await Promise.all([
    ...running('eligibility').map((id) => publishOf(places, id)),
    ...running('appointments').map((id) => publishCalendarOf(places, id)),
  ])
}
