import { type Logger, pino } from 'pino'

/** Structured log. Personal data never goes in: callers pass ids of messages, members and reasons only. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>

/** Keys whose values would be personal or secret; removed wherever a caller slips. */
const forbidden = ['subject', 'sub', 'pivot', 'token', 'authorization', 'value', 'valueJson', 'password', 'loginHandle']

/** Messages that quote data: PostgreSQL's, a gRPC server's (foreign ones included), a JSON parser's. */
const quotesData = (error: Error): boolean =>
  'severity' in error || 'details' in error || error instanceof SyntaxError || error.name === 'ZodError'

/** What a log may say of an error: never its other properties, in which a database repeats the row that it refused. */
const describeError = (error: unknown, depth = 0): object => {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code, constraint, reason } = error as { code?: unknown; constraint?: unknown; reason?: unknown }
  return {
    type: error.name,
    ...(quotesData(error) ? {} : { message: error.message }),
    ...(reason !== undefined && { reason }),
    ...(code !== undefined && { code }),
    ...(constraint !== undefined && { constraint }),
    at: error.stack
      ?.split('\n')
      .filter((line) => line.startsWith('    at '))
      .map((line) => line.trim()),
    ...(error.cause !== undefined && depth < 4 && { cause: describeError(error.cause, depth + 1) }),
  }
}

/** A logger for one service of one member, writing JSON lines to `destination`, by default standard output. */
export const createLog = (
  bindings: { member: string; service: string },
  level = 'info',
  destination?: { write(line: string): void },
): Log =>
  pino(
    {
      level,
      base: bindings,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => describeError(error) },
      redact: { paths: forbidden.flatMap((key) => [key, `*.${key}`]), remove: true },
    },
    destination ?? pino.destination(1),
  )
