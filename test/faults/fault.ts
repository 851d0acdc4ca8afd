import type { Client } from 'pg';
import type { EmbeddedServer } from '../../src/demo/embedded-server.js';
import type { Unwatching } from './checker/record.js';
import type { Random } from './random.js';
import type { FaultyProxy } from './rig/faulty-proxy.js';
import type { Subject } from './subject.js';

/** Undoes what a fault has done, as far as it does not end by itself. May be called when it has. */
export type Heal = () => Promise<void>;

/** What is to be done in a transaction of a writer: DDL and its inverse on both sides of what that writes, for one. */
export interface Around {
  /** It writes to this one, among others. */
  readonly table: string;
  /** What the table is called between the two. Default: the same. */
  readonly calledMeanwhile?: string;
  readonly away?: string;
  readonly back?: string;
  /** The transaction stays open for as long. */
  readonly beforeCommit?: () => Promise<void>;
}

/** What a fault can lay its hands on. */
export interface FaultWorld {
  readonly server: EmbeddedServer;
  /** What the subject's connections go through. */
  readonly proxy: FaultyProxy;
  /** The process under test: the source, its caches and their readers. */
  readonly subject: Subject;
  /** Resolves when a writer has committed that wrote to the table. */
  writeAround(around: Around): Promise<void>;
  /** A connection as a superuser to the subject's database, past the proxy. Rejects while the server is away. */
  admin(): Promise<Client>;
}

/** Something that goes wrong. */
export interface Fault {
  /** As the reports count it, such as `network: silent, both ways`. */
  readonly name: string;
  /** Whether it can be done here, such as `a tmpfs can be mounted`; `null`: yes; else why not. */
  readonly impossible?: (world: FaultWorld) => Promise<string | null>;
  /** Given the same random numbers as `inject`. Default: it leaves alone what is watched. */
  readonly unwatches?: (random: Random) => Unwatching;
  inject(world: FaultWorld, random: Random): Promise<Heal>;
}
