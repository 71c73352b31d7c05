import { Metadata } from '@grpc/grpc-js'
import { ErrorInfo, Status } from '@unefois/proto/gen/google/rpc/status'
import { grpcStatus } from '@unefois/proto/reason-entry'
import { isReason, MeshError, type Reason, reasons } from '@unefois/proto/reasons'
import { z } from 'zod'

const domain = 'unefois'
const detailsKey = 'grpc-status-details-bin'
const errorInfoUrl = 'type.googleapis.com/google.rpc.ErrorInfo'

/** A MeshError as gRPC carries it: status code, plain message, google.rpc.Status with ErrorInfo {reason, facts}. */
export const toGrpcError = (error: MeshError): { code: number; message: string; metadata: Metadata } => {
  const code = grpcStatus[reasons[error.reason].grpc]
  const info = ErrorInfo.encode({ reason: error.reason, domain, metadata: { ...error.facts } }).finish()
  const status = Status.encode({
    code,
    message: error.message,
    details: [{ typeUrl: errorInfoUrl, value: Buffer.from(info) }],
  })
  const metadata = new Metadata()
  metadata.set(detailsKey, Buffer.from(status.finish()))
  return { code, message: error.message, metadata }
}

const readInfo = (raw: unknown): ErrorInfo | undefined => {
  if (!(raw instanceof Buffer)) return undefined
  try {
    const detail = Status.decode(raw).details.find(({ typeUrl }) => typeUrl === errorInfoUrl)
    return detail && ErrorInfo.decode(detail.value)
  } catch {
    return undefined
  }
}

/** What the status of a gRPC library or a foreign server says when it comes without a reason of ours. */
const reasonOfStatus = new Map<number | undefined, Reason>([
  [grpcStatus.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
  [grpcStatus.UNAVAILABLE, 'UNAVAILABLE'],
  [grpcStatus.UNIMPLEMENTED, 'METHOD_UNKNOWN'],
  [grpcStatus.RESOURCE_EXHAUSTED, 'REQUEST_TOO_LARGE'],
])

/** Reads a MeshError back from a gRPC error; what carries no reason of ours is told by its status, or is INTERNAL. */
export const fromGrpcError = (error: { code?: number; message?: string; metadata?: Metadata }): MeshError => {
  const info = readInfo(error.metadata?.get(detailsKey)[0])
  return info?.domain === domain && isReason(info.reason)
    ? new MeshError(info.reason, { facts: info.metadata, cause: error })
    : new MeshError(reasonOfStatus.get(error.code) ?? 'INTERNAL', { cause: error })
}

/** A refusal as it travels in text: in NATS headers inside a member, inside the sealed reply between members. */
export interface TextRefusal {
  readonly reason: string
  readonly facts: Record<string, string>
}

export const toTextRefusal = (error: MeshError): TextRefusal => ({ reason: error.reason, facts: { ...error.facts } })

/** Reads a refusal back; a reason outside the closed list is INTERNAL. */
export const fromTextRefusal = ({ reason, facts }: TextRefusal): MeshError =>
  isReason(reason) ? new MeshError(reason, { facts }) : new MeshError('INTERNAL', { cause: `unknown reason ${reason}` })

const textRefusal = z.object({ reason: z.string(), facts: z.record(z.string(), z.string()) })

/** Reads the JSON of a refusal, which anybody may have written; what is none is INTERNAL. */
export const parseTextRefusal = (json: string): MeshError => {
  try {
    return fromTextRefusal(textRefusal.parse(JSON.parse(json)))
  } catch (cause) {
    return new MeshError('INTERNAL', { cause })
  }
}
