import { metricsOf } from '../../report/metric-list.ts';
import { prometheusText } from '../../report/prometheus.ts';
import { defineRoute } from '../route.ts';

export default defineRoute({
  path: '/metrics',
  tier: 1,
  summary: 'Figures for Prometheus, as text or OpenMetrics by what is accepted',
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  handle: (deps, _input, { accept }) => prometheusText(metricsOf(deps), accept),
});
