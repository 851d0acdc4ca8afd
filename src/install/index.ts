export { commitPlan } from './commit-plan.js';
export type { InstallMode, InstallOptions } from './install-options.js';
export type { Plan, Step } from './plan.js';
export { planInstall } from './plan-install.js';
export { planUninstall, type UninstallOptions } from './plan-uninstall.js';
export type { PublishedColumns } from './publication-entries.js';
export type { PayloadLevel } from './triggers.js';
