import uPlot from 'uplot';
import { fill, h } from './dom.ts';
import { dayText } from './format.ts';

/** A drawn chart that follows the width of its place and the colours of the page. */
export interface Chart {
  readonly element: HTMLElement;
}

/** Colours told apart by most eyes, in both schemes; the last one is for the rest. */
const palette = ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6', '--c7'] as const;

export interface Series {
  readonly name: string;
  /** One for each label. */
  readonly values: readonly number[];
}

/** Bars on top of each other, one for each label. `format` writes a value. */
export function stackedBars(
  labels: readonly string[],
  series: readonly Series[],
  format: (value: number) => string,
): Chart {
  const tops: number[][] = [];
  series.forEach(({ values }, i) => {
    tops.push(labels.map((_, at) => (tops[i - 1]?.[at] ?? 0) + (values[at] ?? 0)));
  });
  const drawn = [...tops].reverse(); // the highest first, so that lower ones are drawn over it
  const colours = series.map((_, i) => colourOf(i)).reverse();
  const bars = uPlot.paths.bars?.({ size: [0.75, 40], align: 0 });
  const element = h('div', { class: 'chart', 'aria-hidden': 'true' });
  const tip = tooltip(element, labels, series, format);
  draw(element, 240, (width, height, ink) => ({
    width,
    height,
    legend: { show: false },
    cursor: { x: false, y: false, points: { show: false }, drag: { x: false, y: false } },
    hooks: { setCursor: [tip] },
    scales: {
      x: { time: false, range: [-0.6, labels.length - 0.4] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        stroke: ink.text,
        grid: { show: false },
        ticks: { show: false },
        size: 30,
        space: 70,
        incrs: [1, 2, 3, 5, 7, 14],
        values: (_, splits) => splits.map((at) => (Number.isInteger(at) ? (labels[at] ?? '') : '')),
      },
      {
        stroke: ink.text,
        grid: { stroke: ink.line, width: 1 },
        ticks: { show: false },
        size: 62,
        values: (_, splits) => splits.map(format),
      },
    ],
    series: [
      {},
      ...colours.map((colour) => ({
        fill: colour(),
        stroke: colour(),
        width: 0,
        ...(bars === undefined ? {} : { paths: bars }),
        points: { show: false },
      })),
    ],
    data: [labels.map((_, i) => i), ...drawn],
  }));
  return { element };
}

/** What the bar under the pointer is made of, beside it. */
function tooltip(
  element: HTMLElement,
  labels: readonly string[],
  series: readonly Series[],
  format: (value: number) => string,
): (plot: uPlot) => void {
  const box = h('div', { class: 'tip', hidden: true });
  return (plot) => {
    const { left = -1 } = plot.cursor;
    const at = Math.round(plot.posToVal(left, 'x'));
    const label = labels[at];
    box.hidden = left < 0 || label === undefined;
    if (label === undefined) return;
    const parts = series.flatMap(({ name, values }, i) => {
      const value = values[at] ?? 0;
      return value > 0 ? [h('li', {}, h('span', { class: `swatch s${i + 1}` }), `${name} ${format(value)}`)] : [];
    });
    const total = series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0);
    fill(box, h('strong', {}, `${label} · ${format(total)}`), h('ul', {}, ...parts));
    if (!box.isConnected) element.append(box);
    const x = plot.over.offsetLeft + plot.valToPos(at, 'x');
    box.style.left = `${Math.max(0, Math.min(element.clientWidth - box.offsetWidth, x - box.offsetWidth / 2))}px`;
  };
}

/** A line over time in ms, with marks where something happened. */
export function timeLine(
  at: readonly number[],
  values: readonly (number | null)[],
  options: { readonly max: number; readonly format: (value: number) => string; readonly marks: readonly number[] },
): Chart {
  const element = h('div', { class: 'chart', 'aria-hidden': 'true' });
  draw(element, 180, (width, height, ink) => ({
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: [0, options.max] } },
    axes: [
      {
        stroke: ink.text,
        grid: { show: false },
        ticks: { show: false },
        size: 30,
        space: 90,
        values: (_, splits) => splits.map((at, i) => timeText(at * 1000, i === 0)),
      },
      {
        stroke: ink.text,
        grid: { stroke: ink.line, width: 1 },
        ticks: { show: false },
        size: 50,
        values: (_, splits) => splits.map(options.format),
      },
    ],
    hooks: {
      drawAxes: [
        (plot) => {
          const { ctx } = plot;
          ctx.save();
          ctx.strokeStyle = ink.mark;
          ctx.setLineDash([4, 4]);
          for (const mark of options.marks) {
            const x = plot.valToPos(mark / 1000, 'x', true);
            ctx.beginPath();
            ctx.moveTo(x, plot.bbox.top);
            ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
            ctx.stroke();
          }
          ctx.restore();
        },
      ],
    },
    series: [
      {},
      { stroke: ink.accent, fill: ink.faint, width: 2, spanGaps: true, points: { size: 4, fill: ink.accent } },
    ],
    data: [at.map((time) => time / 1000), [...values]],
  }));
  return { element };
}

/** What each colour of stacked bars stands for. */
export function legend(series: readonly Series[], format: (value: number) => string): HTMLElement {
  return h(
    'ul',
    { class: 'legend' },
    ...series.map(({ name, values }, i) => {
      const total = values.reduce((sum, value) => sum + value, 0);
      return h('li', {}, h('span', { class: `swatch s${(i % palette.length) + 1}` }), `${name} ${format(total)}`);
    }),
  );
}

/** Hour and minute, the day with the first of them. */
function timeText(at: number, withDay: boolean): string {
  const time = new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return withDay ? `${dayText(new Date(at))} ${time}` : time;
}

interface Ink {
  readonly text: string;
  readonly line: string;
  readonly accent: string;
  readonly faint: string;
  readonly mark: string;
}

type Plan = uPlot.Options & { readonly data: uPlot.AlignedData };

/** Draws when it has a width, and anew when that or the colours change. */
function draw(element: HTMLElement, height: number, plan: (width: number, height: number, ink: Ink) => Plan): void {
  let plot: uPlot | undefined;
  const again = (): void => {
    const width = element.clientWidth;
    if (width === 0) return;
    plot?.destroy();
    const { data, ...options } = plan(width, height, inkOf());
    plot = new uPlot(options, data, element);
  };
  let width = 0;
  const watcher = new ResizeObserver(() => {
    if (!element.isConnected) return stop();
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    again();
  });
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', again);
  watcher.observe(element);
  function stop(): void {
    watcher.disconnect();
    scheme.removeEventListener('change', again);
    plot?.destroy();
  }
}

function inkOf(): Ink {
  return {
    text: variable('--dim'),
    line: variable('--line'),
    accent: variable('--accent'),
    faint: variable('--accent-faint'),
    mark: variable('--warn'),
  };
}

function colourOf(i: number): () => string {
  return () => variable(palette[i % palette.length] ?? '--c7');
}

function variable(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
