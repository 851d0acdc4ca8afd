export { commitPlan } from './commit-plan.js';
export type { InstallOptions } from './install-options.js';
export type { Plan, Step } from './plan.js';
export { planInstall } from './plan-install.js';
export { planUninstall, type UninstallOptions } from './plan-uninstall.js';
export type { PayloadLevel } from './triggers.js';
