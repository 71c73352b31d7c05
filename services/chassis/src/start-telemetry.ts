import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { metrics, NodeSDK, tracing } from '@opentelemetry/sdk-node'
import type { Admin } from './admin.js'

export interface Telemetry {
  readonly metrics: Admin['metrics']
  stop(): Promise<void>
}

/** Without a collector nothing is recorded, yet each request has a trace id for the log; without a processor it would not. */
const unrecorded = { sampler: new tracing.AlwaysOffSampler(), spanProcessors: [new tracing.NoopSpanProcessor()] }

/**
 * Starts OpenTelemetry for the process; only an entry point calls it. Metrics are there as Prometheus text. With
 * OTEL_EXPORTER_OTLP_ENDPOINT, spans and metrics also go by OTLP over HTTP, metrics once a minute
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 */
export const startTelemetry = (serviceName: string): Telemetry => {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const hasCollector = Boolean(process.env.OTEL_EXPORTER_OTLP_ENDPOINT)
  const pushed = () => new metrics.PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })
  const sdk = new NodeSDK({
    serviceName,
    metricReaders: hasCollector ? [exporter, pushed()] : [exporter],
    ...(hasCollector ? {} : unrecorded),
    instrumentations: [],
    autoDetectResources: false,
  })
  sdk.start()
  return {
    metrics: (request, response) => exporter.getMetricsRequestHandler(request, response),
    stop: () => sdk.shutdown(),
  }
}
