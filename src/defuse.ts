/**
 * To be called with what a user's function has given where nothing was asked for: if it is a promise, its rejection
 * would otherwise be nobody's, and end the process.
 */
export function defuse(given: unknown, onRejected: (reason: unknown) => void = () => {}): void {
  // The native method: `then` of what is no promise may be anything.
  if (given instanceof Promise) Promise.prototype.then.call(given, undefined, onRejected);
}
