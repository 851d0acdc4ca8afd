const RealDate = Date;
let steppedMs = 0;

const SteppedDate = new Proxy(RealDate, {
  construct: (target, args) =>
    args.length === 0 ? new target(target.now() + steppedMs) : Reflect.construct(target, args),
  get: (target, property, receiver) =>
    property === 'now' ? () => target.now() + steppedMs : Reflect.get(target, property, receiver),
});

/** Moves this process's wall clock, as far as JavaScript can see it. */
export function stepClock(byMs: number): void {
  steppedMs += byMs;
  globalThis.Date = SteppedDate;
}
