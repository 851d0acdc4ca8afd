export { type DoctorOptions, sourceOptions } from './doctor-options.js';
export { examine, type Report, type Unseen } from './examine.js';
export type { Finding, Level, RemedyKind } from './finding.js';
export { printReport } from './print-report.js';
