/** Milliseconds of the system's monotonic clock (CLOCK_MONOTONIC): the same for all processes of a machine. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
