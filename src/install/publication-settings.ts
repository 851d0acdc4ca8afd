import type { PublishedColumns } from './publication-entries.js';

export interface PublicationSettings {
  readonly publication: string;
  readonly columns: PublishedColumns;
  /** Which tables get the replica identity of all columns: those without a usable one, or all. */
  readonly full: 'none' | 'needed' | 'all';
}
