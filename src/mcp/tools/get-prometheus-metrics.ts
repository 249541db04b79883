import { z } from 'zod';
import { metricsOf } from '../../report/metric-list.ts';
import { prometheusText } from '../../report/prometheus.ts';
import { text } from '../shapes.ts';
import { defineTool } from '../tool.ts';

export default defineTool({
  description: 'Every exported metric as Prometheus text.',
  output: z.object({ text }),
  handle: (deps) => ({ text: prometheusText(metricsOf({ ...deps, tier: 3 }), '').text }),
});
