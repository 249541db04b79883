import { metricsOf } from '../../report/metric-list.ts';
import { otlpMetrics } from '../otlp.ts';
import { defineRoute } from '../route.ts';

export default defineRoute({
  path: '/otlp/v1/metrics',
  tier: 1,
  summary: 'The same figures as an OTLP/JSON ExportMetricsServiceRequest, to be fetched',
  handle: (deps) => otlpMetrics(metricsOf(deps), deps),
});
