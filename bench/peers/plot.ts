import { Error as errorLevel, logger, parse, View } from 'vega';
import { compile } from 'vega-lite';
import type { Plot } from '../harness/chart.js';

export const draw: Plot['draw'] = async (specification) => {
  // It warns of scales that are independent for every facet, which is what is wanted.
  const quiet = logger(errorLevel);
  const { spec } = compile(JSON.parse(JSON.stringify(specification)), { logger: quiet });
  const view = new View(parse(spec), { renderer: 'none', logger: quiet });
  return `${await view.toSVG()}\n`;
};
