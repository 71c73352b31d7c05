import { readFileSync } from 'node:fs'
import * as grpc from '@grpc/grpc-js'
import {
  EvidenceSourceServiceDefinition,
  type ReadEvidenceRequest,
  type ReadEvidenceResponse,
} from '@unefois/proto/gen/unefois/source/v1/source'

/** Where an EvidenceSource is served, over TLS; the certificate and the key are PEM files. */
export interface SourceDoor {
  readonly host: string
  readonly port: number
  readonly certificate: string
  readonly key: string
}

/** Answers one question within so many milliseconds; a source that cannot answer now rejects, and is asked again. */
export type AnswerQuestion = (request: ReadEvidenceRequest, leftMs: number) => Promise<ReadEvidenceResponse>

const leftMs = (call: grpc.ServerUnaryCall<ReadEvidenceRequest, ReadEvidenceResponse>): number => {
  const deadline = call.getDeadline()
  return (deadline instanceof Date ? deadline.getTime() : deadline) - Date.now()
}

/** Serves the EvidenceSource contract over an agency's own register: not one of our servers, so it knows nothing of the chassis. */
export const serveSource = async (door: SourceDoor, answer: AnswerQuestion): Promise<{ stop(): Promise<void> }> => {
  const { readEvidence } = EvidenceSourceServiceDefinition.methods
  const server = new grpc.Server()
  server.addService(
    {
      readEvidence: {
        path: `/${EvidenceSourceServiceDefinition.fullName}/${readEvidence.name}`,
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
        answer(call.request, leftMs(call)).then(
          (response) => callback(null, response),
          // Without the cause, which may name the person.
          () => callback({ code: grpc.status.UNAVAILABLE, message: 'the register cannot be read now' }),
        )
      },
    },
  )
  const credentials = grpc.ServerCredentials.createSsl(null, [
    { cert_chain: readFileSync(door.certificate), private_key: readFileSync(door.key) },
  ])
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`${door.host}:${door.port}`, credentials, (error) => (error ? reject(error) : resolve())),
  )
  return { stop: () => new Promise((resolve) => server.tryShutdown(() => resolve())) }
}
