type CleanUp = () => void;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const pending = new Set<CleanUp>();

/**
 * Runs `cleanUp`, which must be synchronous, if this process ends before the returned function is called:
 * by `process.exit`, an uncaught error, or a signal.
 */
export function cleanUpOnExit(cleanUp: CleanUp): () => void {
  if (pending.size === 0) listen();
  pending.add(cleanUp);
  return () => {
    if (pending.delete(cleanUp) && pending.size === 0) unlisten();
  };
}

function runAll(): void {
  for (const cleanUp of pending) cleanUp();
  pending.clear();
}

/**
 * A signal's default action would end the process without `exit`. Where somebody else listens too, they
 * decide what the signal means, and `exit` follows if it means the end.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  runAll();
  unlisten();
  process.kill(process.pid, signal);
}

function listen(): void {
  process.on('exit', runAll);
  for (const signal of signals) process.on(signal, onSignal);
}

function unlisten(): void {
  process.off('exit', runAll);
  for (const signal of signals) process.off(signal, onSignal);
}
