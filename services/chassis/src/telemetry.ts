import {
  type Context,
  type Counter,
  context,
  type Gauge,
  type Histogram,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type Tracer,
  trace,
  type UpDownCounter,
} from '@opentelemetry/api'

/** W3C Trace Context headers (traceparent, tracestate). */
export type TraceCarrier = Record<string, string>

const name = 'unefois'

/** The tracer of the process; does nothing until the entry point has started telemetry. */
export const tracer = (): Tracer => trace.getTracer(name)

/** The context that a request from inside the agency continues; without a carrier a new trace starts. */
export const contextOfCarrier = (carrier: TraceCarrier | undefined): Context =>
  carrier ? propagation.extract(ROOT_CONTEXT, carrier) : ROOT_CONTEXT

/** The headers that let a neighbour continue this trace. A trace ends at the agency's border: members never get them. */
export const carrierOfContext = (): TraceCarrier => {
  const carrier: TraceCarrier = {}
  propagation.inject(context.active(), carrier)
  return carrier
}

/** An instrument of the provider in force, made once for each: telemetry may start after this module was loaded. */
const oncePerProvider = <T>(make: () => T): (() => T) => {
  const made = new WeakMap<object, T>()
  return () => {
    const provider = metrics.getMeterProvider()
    const instrument = made.get(provider) ?? make()
    made.set(provider, instrument)
    return instrument
  }
}

/** A counter of a service's own; its attributes are few and never personal. */
export const counter = (counted: string, description: string): (() => Counter) =>
  oncePerProvider(() => metrics.getMeter(name).createCounter(counted, { description }))

/** A gauge of a service's own; its attributes are few and never personal. */
export const gauge = (measured: string, description: string): (() => Gauge) =>
  oncePerProvider(() => metrics.getMeter(name).createGauge(measured, { description }))

/** Seconds from the request's arrival at a door to its answer, by method, door and reason. */
export const rpcDuration = oncePerProvider<Histogram>(() =>
  metrics.getMeter(name).createHistogram('unefois_rpc_duration', {
    unit: 's',
    description: 'Time from arrival at a door to the answer',
    advice: { explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  }),
)

/** Requests that a door turned away before it knew a method or a sender, by door and reason; no log entry grows of them. */
export const turnedAway = counter('unefois_turned_away', 'Requests that a door refused before any method was known')

/** Streams that are open, by method. */
export const openStreams = oncePerProvider<UpDownCounter>(() =>
  metrics.getMeter(name).createUpDownCounter('unefois_open_streams', { description: 'Streams that are open' }),
)
