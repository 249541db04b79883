import type { Metric } from '../report/metric-list.ts';

/** Metrics as OTLP/JSON 1.x: an ExportMetricsServiceRequest, for a collector that fetches. Whole counts are texts there. */
export function otlpMetrics(
  metrics: readonly Metric[],
  { version, now, startedAt }: { readonly version: string; readonly now: number; readonly startedAt: number },
): object {
  const time = nanoText(now);
  const start = nanoText(startedAt);
  return {
    resourceMetrics: [
      {
        resource: {
          attributes: [attribute('service.name', 'scopeon'), attribute('service.version', version)],
        },
        scopeMetrics: [{ scope: { name: 'scopeon', version }, metrics: metrics.map((metric) => otlp(metric)) }],
      },
    ],
  };

  function otlp({ name, type, help, unit, samples }: Metric): object {
    const dataPoints = samples.map(({ labels, value }) => ({
      attributes: Object.entries(labels).map(([key, text]) => attribute(key, text)),
      ...(type === 'counter' ? { startTimeUnixNano: start } : {}),
      timeUnixNano: time,
      ...(Number.isSafeInteger(value) && unit !== '{USD}' ? { asInt: String(value) } : { asDouble: value }),
    }));
    const data =
      type === 'counter'
        ? { sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } } // 2: cumulative
        : { gauge: { dataPoints } };
    return { name, description: help, unit, ...data };
  }
}

function attribute(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}

function nanoText(ms: number): string {
  return `${Math.floor(ms)}000000`;
}
