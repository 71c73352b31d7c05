import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An appointment as the hub was told of it. */
export interface HeardAppointment {
  readonly application_id: string
  readonly meeting_point: string
  readonly meeting_point_id: string
  readonly appointment_date: string
  readonly management_url: string
}

/** What goes wrong with a call: it is refused and nothing is done, its answer is lost after it was done, or it gets none at all. */
export type Mishap = 'refused' | 'answer lost' | 'no answer' | 'no JSON'

export const hubToken = 'the token of the hall'

/**
 * A stand-in for the national hub of town-hall appointments: its coordination calls over HTTP, as strict as its contract. A second
 * POST of the same pre-application and address is refused with 409. Whoever nobody speaks of is `unknown`.
 */
export const openHub = async () => {
  const statuses = new Map<string, string>()
  const elsewhere = new Map<string, string[]>()
  const mishaps: Mishap[] = []
  const calls: string[] = []
  let known: HeardAppointment[] = []

  const heard = (query: URLSearchParams): HeardAppointment => {
    const of = (name: keyof HeardAppointment) => query.get(name) ?? ''
    return {
      application_id: of('application_id'),
      meeting_point: of('meeting_point'),
      meeting_point_id: of('meeting_point_id'),
      appointment_date: of('appointment_date'),
      management_url: of('management_url'),
    }
  }
  const isSame = (a: HeardAppointment, b: HeardAppointment): boolean =>
    a.application_id === b.application_id && a.management_url === b.management_url

  const status = (query: URLSearchParams) => ({
    code: 200,
    body: Object.fromEntries(
      query.getAll('application_ids').map((id) => [
        id,
        {
          status: statuses.get(id) ?? 'unknown',
          appointments: [
            ...known.filter((each) => each.application_id === id),
            ...(elsewhere.get(id) ?? []).map((management_url) => ({ meeting_point: 'Elsewhere', management_url })),
          ],
        },
      ]),
    ),
  })
  const post = (query: URLSearchParams) => {
    const told = heard(query)
    if (Object.values(told).includes('') || !/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(told.appointment_date))
      return { code: 422, body: { detail: 'a parameter is missing' } }
    if (known.some((each) => isSame(each, told))) return { code: 409, body: { detail: 'known already' } }
    known.push(told)
    return { code: 200, body: { success: true } }
  }
  const remove = (query: URLSearchParams) => {
    const told = heard(query)
    const isMeant = (each: HeardAppointment) =>
      isSame(each, told) && each.appointment_date === told.appointment_date && each.meeting_point === told.meeting_point
    const kept = known.filter((each) => !isMeant(each))
    const rowcount = known.length - kept.length
    known = kept
    return { code: 200, body: { rowcount } }
  }
  const answer = (method: string | undefined, { pathname, searchParams: query }: URL) => {
    if (pathname === '/coordination/api/status' && method === 'GET') return status(query)
    if (pathname !== '/coordination/api/appointments') return { code: 404, body: {} }
    if (method === 'POST') return post(query)
    return method === 'DELETE' ? remove(query) : { code: 405, body: {} }
  }
  const goWrong = (mishap: Mishap, response: ServerResponse): void => {
    if (mishap === 'answer lost') response.destroy()
    else if (mishap === 'no JSON') response.end('<html>')
    else if (mishap === 'refused') response.writeHead(503).end()
  }

  const server = createServer((request, response) => {
    request.resume()
    if (request.headers['x-rdv-opt-auth-token'] !== hubToken) {
      response.writeHead(401).end()
      return
    }
    calls.push(`${request.method} ${request.url?.split('?')[0]}`)
    const mishap = mishaps.shift()
    const isDone = mishap === undefined || mishap === 'answer lost'
    const { code, body } = isDone
      ? answer(request.method, new URL(request.url ?? '', 'http://hub'))
      : { code: 0, body: {} }
    if (mishap) goWrong(mishap, response)
    else response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    /** Of a pre-application from now on. */
    says: (preApplication: string, status: string) => {
      statuses.set(preApplication, status)
    },
    /** Another town hall has an appointment of it. */
    hasElsewhere: (preApplication: string, managementUrl: string) => {
      elsewhere.set(preApplication, [...(elsewhere.get(preApplication) ?? []), managementUrl])
    },
    /** The next calls go wrong so, one after the other. */
    goesWrong: (...next: Mishap[]) => {
      mishaps.push(...next)
    },
    /** What was told and stands, without order. */
    known: (): readonly HeardAppointment[] => known,
    calls,
    forget: () => {
      known = []
      mishaps.length = 0
      calls.length = 0
      statuses.clear()
      elsewhere.clear()
    },
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
export type StandInHub = Awaited<ReturnType<typeof openHub>>
