/** gRPC status codes (https://grpc.io/docs/guides/status-codes/) by name. */
export const grpcStatus = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const
export type GrpcStatusName = keyof typeof grpcStatus

/** One reason for which the mesh says no. */
export interface ReasonEntry {
  readonly grpc: GrpcStatusName
  readonly http: number
  /** What went wrong, in plain words, without personal data. */
  readonly title: string
  /** What a person or an integrator can do next. */
  readonly next: string
}

export const entry = (grpc: GrpcStatusName, http: number, title: string, next: string): ReasonEntry => ({
  grpc,
  http,
  title,
  next,
})
