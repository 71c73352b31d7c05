import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { NodeSDK, tracing } from '@opentelemetry/sdk-node'
import type { Admin } from './admin.js'

export interface Telemetry {
  readonly metrics: Admin['metrics']
  stop(): Promise<void>
}

/** Without a collector nothing is recorded, yet each request has a trace id for the log; without a processor it would not. */
const unrecorded = { sampler: new tracing.AlwaysOffSampler(), spanProcessors: [new tracing.NoopSpanProcessor()] }

/**
 * Starts OpenTelemetry for the process; only an entry point calls it. Metrics are there as Prometheus text; spans go by OTLP
 * when OTEL_EXPORTER_OTLP_ENDPOINT is set (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 */
export const startTelemetry = (serviceName: string, env: NodeJS.ProcessEnv = process.env): Telemetry => {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const sdk = new NodeSDK({
    serviceName,
    metricReaders: [exporter],
    ...(env.OTEL_EXPORTER_OTLP_ENDPOINT ? {} : unrecorded),
    instrumentations: [],
    autoDetectResources: false,
  })
  sdk.start()
  return {
    metrics: (request, response) => exporter.getMetricsRequestHandler(request, response),
    stop: () => sdk.shutdown(),
  }
}
