import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

/** Where a stand-in for the national hub of town-hall appointments listens, and with which token of a town hall. */
export interface NationalHubOptions {
  readonly host: string
  readonly port: number
  readonly tokenFile: string
}

/** What the stand-in says of a pre-application, by its first character. */
const statusOf: Readonly<Record<string, string>> = {
  V: 'validated',
  C: 'consumed',
  D: 'declared',
  E: 'expired',
}

const fields = ['application_id', 'meeting_point', 'meeting_point_id', 'appointment_date', 'management_url'] as const
type Heard = Readonly<Record<(typeof fields)[number], string>>

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * Starts a stand-in for the national hub: its coordination calls, over HTTP. It remembers while it runs what town halls tell it.
 * A pre-application that begins with V is validated, with C consumed, with D declared, with E expired; others are unknown.
 */
export const startNationalHub = async ({
  host,
  port,
  tokenFile,
}: NationalHubOptions): Promise<{ stop(): Promise<void> }> => {
  const token = digest(readFileSync(tokenFile, 'utf8').trim())
  let known: readonly Heard[] = []

  const heardIn = (query: URLSearchParams): Heard =>
    Object.fromEntries(fields.map((field) => [field, query.get(field) ?? ''])) as Heard
  const keyOf = (heard: Heard): string => `${heard.application_id} ${heard.management_url}`

  const answer = (method: string | undefined, { pathname, searchParams }: URL): readonly [number, object] => {
    if (pathname === '/coordination/api/status' && method === 'GET')
      return [
        200,
        Object.fromEntries(
          searchParams.getAll('application_ids').map((id) => {
            const appointments = known.filter(({ application_id }) => application_id === id)
            return [id, { status: statusOf[id.slice(0, 1)] ?? 'unknown', appointments }]
          }),
        ),
      ]
    if (pathname !== '/coordination/api/appointments') return [404, {}]
    const heard = heardIn(searchParams)
    const others = known.filter((each) => keyOf(each) !== keyOf(heard))
    const rowcount = known.length - others.length
    if (method === 'DELETE') {
      known = others
      return [200, { rowcount }]
    }
    if (method !== 'POST') return [405, {}]
    if (rowcount > 0) return [409, { detail: 'known already' }]
    known = [...known, heard]
    return [200, { success: true }]
  }

  const server = createServer((request, response) => {
    request.resume()
    const given = digest(String(request.headers['x-rdv-opt-auth-token'] ?? ''))
    const [status, body] = timingSafeEqual(given, token)
      ? answer(request.method, new URL(request.url ?? '/', 'http://hub.invalid'))
      : ([401, {}] as const)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
