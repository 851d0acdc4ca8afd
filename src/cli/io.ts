/** Where a command writes to. */
export interface Io {
  /** The result, such as the SQL. */
  readonly out: (text: string) => void;
  /** What is said about it. */
  readonly err: (text: string) => void;
  /** Whether the result may have colours. Default: no. */
  readonly colors?: boolean;
}
