import { readFileSync } from 'node:fs'
import * as grpc from '@grpc/grpc-js'
import {
  EvidenceSourceServiceDefinition,
  type ReadEvidenceRequest,
  type ReadEvidenceResponse,
} from '@unefois/proto/gen/unefois/source/v1/source'

/** What an agency's own register holds about one person, by that agency's pseudonym. */
export interface RegisterEntry {
  readonly subject: string
  readonly evidenceType: string
  readonly valueJson: string
  readonly version: number
  readonly asOfMs: number
  readonly related: readonly { readonly relation: string; readonly subject: string }[]
}

export interface RegisterConfig {
  readonly host: string
  readonly port: number
  readonly certificate: string
  readonly key: string
  /** JSON file with a list of entries; read at each question, so that the agency may change it. */
  readonly entries: string
}

const answerOf = (entries: readonly RegisterEntry[], request: ReadEvidenceRequest): ReadEvidenceResponse => {
  const found = entries.find(
    (entry) => entry.subject === request.subject && entry.evidenceType === request.evidenceType,
  )
  if (!found) return { answer: { $case: 'absent', value: {} } }
  const { valueJson, version, asOfMs, related } = found
  return { answer: { $case: 'found', value: { valueJson, version, asOfMs, related: [...related] } } }
}

/** An agency's register behind the EvidenceSource contract: not one of our servers, so it knows nothing of the chassis. */
export const startRegister = async (config: RegisterConfig): Promise<{ stop(): Promise<void> }> => {
  const { readEvidence } = EvidenceSourceServiceDefinition.methods
  const server = new grpc.Server()
  const path = `/${EvidenceSourceServiceDefinition.fullName}/${readEvidence.name}`
  server.addService(
    {
      readEvidence: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: (message: ReadEvidenceRequest) =>
          Buffer.from(readEvidence.requestType.encode(message).finish()),
        requestDeserialize: (bytes: Buffer) => readEvidence.requestType.decode(bytes),
        responseSerialize: (message: ReadEvidenceResponse) =>
          Buffer.from(readEvidence.responseType.encode(message).finish()),
        responseDeserialize: (bytes: Buffer) => readEvidence.responseType.decode(bytes),
      },
    },
    {
      readEvidence: (
        call: grpc.ServerUnaryCall<ReadEvidenceRequest, ReadEvidenceResponse>,
        callback: grpc.sendUnaryData<ReadEvidenceResponse>,
      ) => {
        try {
          callback(null, answerOf(JSON.parse(readFileSync(config.entries, 'utf8')), call.request))
        } catch {
          callback({ code: grpc.status.UNAVAILABLE, message: 'the register cannot be read' })
        }
      },
    },
  )
  const credentials = grpc.ServerCredentials.createSsl(null, [
    { cert_chain: readFileSync(config.certificate), private_key: readFileSync(config.key) },
  ])
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`${config.host}:${config.port}`, credentials, (error) => (error ? reject(error) : resolve())),
  )
  return { stop: () => new Promise((resolve) => server.tryShutdown(() => resolve())) }
}
