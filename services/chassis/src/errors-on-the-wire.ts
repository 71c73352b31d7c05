import { Metadata } from '@grpc/grpc-js'
import { ErrorInfo, Status } from '@unefois/proto/gen/google/rpc/status'
import { grpcStatus, isReason, MeshError, reasons } from '@unefois/proto/reasons'

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

/** Reads a MeshError back from a gRPC error; what carries no reason of ours is UNAVAILABLE, DEADLINE_EXCEEDED or INTERNAL. */
export const fromGrpcError = (error: { code?: number; message?: string; metadata?: Metadata }): MeshError => {
  const raw = error.metadata?.get(detailsKey)[0]
  if (raw instanceof Buffer) {
    const detail = Status.decode(raw).details.find(({ typeUrl }) => typeUrl === errorInfoUrl)
    const info = detail ? ErrorInfo.decode(detail.value) : undefined
    if (info && info.domain === domain && isReason(info.reason))
      return new MeshError(info.reason, { facts: info.metadata, cause: error })
  }
  if (error.code === grpcStatus.DEADLINE_EXCEEDED) return new MeshError('DEADLINE_EXCEEDED', { cause: error })
  if (error.code === grpcStatus.UNAVAILABLE) return new MeshError('UNAVAILABLE', { cause: error })
  if (error.code === grpcStatus.UNIMPLEMENTED) return new MeshError('METHOD_UNKNOWN', { cause: error })
  return new MeshError('INTERNAL', { cause: error })
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
