export { commitPlan } from './commit-plan.js';
export type { InstallMode, InstallOptions } from './install-options.js';
export type { Plan } from './plan.js';
export { planInstall } from './plan-install.js';
export { planUninstall, type UninstallOptions } from './plan-uninstall.js';
export type { PublishedColumns } from './publication-entries.js';
export type { Step } from './step.js';
export type { TableSelection } from './table-selection.js';
export type { PayloadLevel } from './triggers.js';
