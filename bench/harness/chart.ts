import type { BenchContext } from './bench.js';
import type { Comparison } from './comparison.js';
import { isMissing, loadPeer } from './peer.js';
import type { Report } from './report.js';

/** What `bench/peers/plot.ts` exports. */
export interface Plot {
  /** Draws a Vega-Lite specification. */
  draw(specification: object): Promise<string>;
}

/** The chart of a report as SVG; `null` where there is nothing to draw, or nothing to draw it with. */
export async function drawChart(
  context: Pick<BenchContext, 'withoutPeers'>,
  report: Pick<Report, 'comparisons' | 'chart' | 'quick' | 'bench'>,
): Promise<string | null> {
  const specification = chartOf(report);
  if (specification === null) return null;
  const plot = await loadPeer<Plot>(context, 'vega', 'plot');
  return isMissing(plot) ? null : plot.draw(specification);
}

/** A bar for every subject of every comparison, with the quarters around its median as a line. */
export function chartOf(report: Pick<Report, 'comparisons' | 'chart' | 'quick' | 'bench'>): object | null {
  const { chart, comparisons, bench, quick } = report;
  if (chart === undefined) return null;
  const measure = comparisons
    .flatMap(({ measures }) => measures)
    .find(({ label }) => label === chart.measure);
  if (measure === undefined) return null;
  const headOf = ({ title, reference }: Comparison) =>
    chart.show === 'ratio' ? `${title}, beside ${reference}` : title;
  const values = comparisons.flatMap((comparison) => {
    const { measures } = comparison;
    const rows = measures.find(({ label }) => label === chart.measure)?.rows ?? [];
    return rows.flatMap(({ name, ratio, spread }) => {
      const shown = chart.show === 'ratio' ? ratio : spread;
      return shown === null
        ? []
        : [{ comparison: headOf(comparison), name, ours: name.startsWith('pgcachewatch'), ...shown }];
    });
  });
  const unit = chart.show === 'ratio' ? 'times the reference' : measure.unit;
  const sort = { field: 'median', order: measure.better === 'lower' ? 'ascending' : 'descending' };
  const x = (field: string, title?: string) => ({
    field,
    type: 'quantitative',
    title,
    scale: chart.scale === 'log' ? { type: 'log' } : { zero: true },
  });
  const y = { field: 'name', type: 'nominal', sort, title: null, axis: { labelLimit: 320 } };
  const title = `${measure.label} (${measure.better} is better)`;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: `${bench}: ${title}${quick ? ', from a quick run that means nothing' : ''}`,
    background: 'white',
    data: { values },
    facet: { field: 'comparison', type: 'nominal', title: null, sort: comparisons.map(headOf) },
    columns: 2,
    spec: {
      width: 320,
      layer: [
        {
          mark: { type: 'point', filled: true, size: 70 },
          encoding: {
            y,
            x: x('median', unit),
            color: {
              field: 'ours',
              type: 'nominal',
              legend: null,
              scale: { domain: [true, false], range: ['#1f77b4', '#8c8c8c'] },
            },
          },
        },
        { mark: { type: 'rule' }, encoding: { y, x: x('low', unit), x2: { field: 'high' } } },
      ],
    },
    resolve: { scale: { y: 'independent', x: 'independent' } },
  };
}
