import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { Admin } from './admin.js'

export interface Telemetry {
  readonly metrics: Admin['metrics']
  stop(): Promise<void>
}

/**
 * Starts OpenTelemetry for the process; only an entry point calls it. Prometheus text is always there; spans and metrics go
 * by OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 */
export const startTelemetry = (serviceName: string, env: NodeJS.ProcessEnv = process.env): Telemetry => {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const hasCollector = Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'])
  const sdk = new NodeSDK({
    serviceName,
    metricReaders: [exporter],
    // Without a collector spans are still made, so that logs carry a trace id, but none is exported.
    ...(hasCollector ? {} : { spanProcessors: [] }),
    instrumentations: [],
    autoDetectResources: false,
  })
  sdk.start()
  return {
    metrics: (request, response) => exporter.getMetricsRequestHandler(request, response),
    stop: () => sdk.shutdown(),
  }
}
