import 'reflect-metadata'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import type { Endpoint } from '@unefois/chassis/chain'
import { GrpcDoor } from '@unefois/chassis/grpc-door'
import {
  EvidenceSourceServiceDefinition,
  ReadEvidenceRequest,
  ReadEvidenceResponse,
} from '@unefois/proto/gen/unefois/source/v1/source'

/** An agency's own register behind gRPC and TLS. */
export interface Register {
  /** As a documents instance is configured with it. */
  readonly source: { readonly address: string; readonly authority: string }
  readonly asked: ReadEvidenceRequest[]
  /** How much time each ask gave, in milliseconds. */
  readonly deadlinesMs: (number | undefined)[]
  /** What it answers from now on. */
  answerWith(answer: (request: ReadEvidenceRequest) => Promise<ReadEvidenceResponse>): void
  stop(): Promise<void>
}

const certificate = async (): Promise<{ certificate: string; key: string }> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return { certificate: own.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` }
}

/** Starts a register that knows nobody until it is told what to answer. */
export const startRegister = async (): Promise<Register> => {
  const folder = mkdtempSync(join(tmpdir(), 'register-'))
  const authority = join(folder, 'certificate.pem')
  const own = await certificate()
  writeFileSync(authority, own.certificate)
  writeFileSync(join(folder, 'key.pem'), own.key)
  const asked: ReadEvidenceRequest[] = []
  const deadlinesMs: (number | undefined)[] = []
  let answer = async (_: ReadEvidenceRequest): Promise<ReadEvidenceResponse> => ({
    answer: { $case: 'absent', value: {} },
  })
  const door = new GrpcDoor()
  const endpoint: Endpoint = async ({ body, deadlineMs }) => {
    const request = ReadEvidenceRequest.decode(body)
    asked.push(request)
    deadlinesMs.push(deadlineMs)
    return ReadEvidenceResponse.encode(await answer(request)).finish()
  }
  door.add(EvidenceSourceServiceDefinition, new Map([['ReadEvidence', endpoint]]))
  const port = await door.listen({
    host: 'localhost',
    port: 0,
    certificate: authority,
    key: join(folder, 'key.pem'),
  })
  return {
    source: { address: `localhost:${port}`, authority },
    asked,
    deadlinesMs,
    answerWith: (given) => {
      answer = given
    },
    stop: async () => {
      await door.drain(0)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
