/** A terminal that is written to. Its size changes when a user resizes the window. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
}
