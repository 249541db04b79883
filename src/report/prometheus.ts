import type { Metric, Sample } from './metric-list.ts';

/** A body that is no JSON. */
export interface TextBody {
  readonly text: string;
  readonly contentType: string;
}

/** Metrics in Prometheus' text format or, where that is asked for, OpenMetrics. */
export function prometheusText(metrics: readonly Metric[], accept: string): TextBody {
  const isOpenMetrics = /application\/openmetrics-text/.test(accept);
  const text = metrics.map((metric) => (isOpenMetrics ? openMetric(metric) : plainMetric(metric))).join('');
  return isOpenMetrics
    ? { text: `${text}# EOF\n`, contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8' }
    : { text, contentType: 'text/plain; version=0.0.4; charset=utf-8' };
}

function plainMetric({ name, type, help, samples }: Metric): string {
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines(name, samples)}`;
}

/** There a counter's family is named without its `_total`. */
function openMetric({ name, type, help, samples }: Metric): string {
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  return `# TYPE ${family} ${type}\n# HELP ${family} ${escapeHelp(help)}\n${lines(name, samples)}`;
}

function lines(name: string, samples: readonly Sample[]): string {
  return samples.map(({ labels, value }) => `${name}${labelText(labels)} ${numberText(value)}\n`).join('');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** No exponent for what people read, no more digits than a double has. */
function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(15)));
}
