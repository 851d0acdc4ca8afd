import type { Fault } from '../../fault.js';
import { catalogFaults } from './catalog.js';
import { networkFaults } from './network.js';
import { processFaults } from './process.js';
import { serverFaults } from './server.js';
import { settingsFaults } from './settings.js';

export const allFaults: readonly Fault[] = [
  ...networkFaults,
  ...processFaults,
  ...serverFaults,
  ...settingsFaults,
  ...catalogFaults,
];
