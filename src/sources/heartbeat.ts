import { livenessVerdict } from './liveness.js';

export interface HeartbeatOptions {
  readonly silenceLimitMs: number;
  /** Asks the server for a sign of life. */
  readonly probe: () => void;
  /** Nothing was heard for `silenceLimitMs`. Called once. */
  readonly onSilent: () => void;
}

/** Carries out what {@link livenessVerdict} decides. Runs from its making until `stop`. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #heardAtMs = performance.now();
  #probing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#check();
  }

  heard(): void {
    this.#heardAtMs = performance.now();
    this.#probing = false;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #check(): void {
    const { silenceLimitMs, probe, onSilent } = this.#options;
    const verdict = livenessVerdict({
      nowMs: performance.now(),
      heardAtMs: this.#heardAtMs,
      probing: this.#probing,
      silenceLimitMs,
    });
    if (verdict.do === 'give-up') return onSilent();
    if (verdict.do === 'probe') {
      this.#probing = true;
      probe();
    }
    // While a probe is on its way, look again at the third of the limit: the answer starts a new wait.
    const forMs = Math.min(verdict.forMs, silenceLimitMs / 3);
    this.#timer = setTimeout(() => this.#check(), Math.max(1, forMs));
  }
}
