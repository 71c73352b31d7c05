import { type Logger, pino } from 'pino'

/** Structured log. Personal data never goes in: callers pass ids of messages, members and reasons only. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>

/** Keys whose values would be personal or secret; removed wherever a caller slips. */
const forbidden = ['subject', 'sub', 'pivot', 'token', 'authorization', 'value', 'valueJson', 'password', 'loginHandle']

/** A logger for one service of one member, writing JSON lines to standard output. */
export const createLog = (bindings: { member: string; service: string }, level = 'info'): Log =>
  pino({
    level,
    base: bindings,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: forbidden.flatMap((key) => [key, `*.${key}`]), remove: true },
  })
