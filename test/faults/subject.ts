/** What can be done to the process under test, which is another one than that of the test. */
export interface Subject {
  readonly pid: number;
  /** Keeps its event loop busy for so long. Resolves when that is over. */
  block(forMs: number): Promise<void>;
  /** SIGSTOP; it is SIGCONT that ends it. */
  stop(): void;
  resume(): void;
  /** Moves its wall clock (`Date`) by so much, forwards or backwards. */
  stepClock(byMs: number): Promise<void>;
}
