import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '@unefois/proto/mask'

const folder = fileURLToPath(new URL('../../../shared/data/api-particulier/', import.meta.url))

/** One recorded answer of a national data source, about a fictitious person. */
export interface RecordedAnswer {
  readonly at: number
  readonly endpoint: string
  readonly description: string
  readonly status: number
  readonly payload: { readonly data?: JsonObject }
}

/** All of them; undefined where they are not at hand. */
export const recordedAnswers = (): RecordedAnswer[] | undefined => {
  const file = `${folder}cases.jsonl`
  if (!existsSync(file)) return undefined
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.map((line, at) => ({ at, ...JSON.parse(line) }))
}

/** Field path → the scope that unmasks it, for one endpoint; undefined for one that the national table does not list. */
export type ScopeMask = Readonly<Record<string, string>>

/** The national table's entry for an endpoint. */
export const scopeMaskOf = (endpoint: string): ScopeMask | undefined => {
  const table = JSON.parse(readFileSync(`${folder}scope_mask_v3.json`, 'utf8')) as {
    endpoints: Record<string, ScopeMask>
  }
  const found = Object.entries(table.endpoints).find(([entry]) => {
    const [, name, version] = /^[^/]+\/(\w+)(?: \((v\d)\))?$/.exec(entry) ?? []
    return endpoint.includes(`_${name}_with_`) && endpoint.includes(version ?? '')
  })
  return found && Object.keys(found[1]).length > 0 ? found[1] : undefined
}

/** The data sources, each answering under `/<number of the recorded answer>` as it did; counts how often each was asked. */
export const startRecordedSources = async (answers: readonly RecordedAnswer[]) => {
  const asked = new Map<number, number>()
  const server = createServer((request, response) => {
    const at = Number(request.url?.slice(1))
    asked.set(at, (asked.get(at) ?? 0) + 1)
    const { status, payload } = answers[at] as RecordedAnswer
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(payload))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    asked,
    addressOf: (at: number) => `http://127.0.0.1:${port}/${at}`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}
