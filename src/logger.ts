import { defuse } from './defuse.js';

/** The part of pino's interface that is used here; `console` fits it as well. */
export interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

const nothing = (): void => {};

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A logger whose own failures stay its own: what the user hands in must not stop a delivery. */
export function guardedLogger(logger: Logger): Logger {
  const guard = (level: keyof Logger) => (details: object, message: string) => {
    try {
      const given: unknown = logger[level](details, message);
      defuse(given);
    } catch {
      // Nowhere is left to report it.
    }
  };
  return { debug: guard('debug'), info: guard('info'), warn: guard('warn'), error: guard('error') };
}
