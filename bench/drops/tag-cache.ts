export interface TagCache {
  readonly name: string;
}
