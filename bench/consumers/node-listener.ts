import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cleanUpOnExit } from '../../src/demo/clean-up-on-exit.js';
import { WrongResult } from '../harness/verify.js';
import type { Answer, ConsumerOptions, Hearing, Request, Wanted } from './consumer.js';
import type { Listener } from './listener.js';

/** A round that takes longer than this has lost something. */
const PATIENCE_MS = 120_000;

/** A consumer in a Node process of its own. */
export class NodeListener implements Listener {
  readonly name: string;
  readonly #module: string;
  readonly #kind: string;
  #child: ChildProcess | null = null;
  #hearing: Promise<Answer> | null = null;
  #forget = () => {};

  /** @param module beside child.ts, without its ending, such as `./pgcachewatch` or `../peers/pg-listen` */
  constructor(name: string, module: string, kind: string) {
    this.name = name;
    this.#module = `${module}.js`;
    this.#kind = kind;
  }

  async open(options: ConsumerOptions): Promise<void> {
    // It stays for all rounds, so that its code is as warm as that of a service.
    this.#child ??= this.#fork();
    await this.#ask({ do: 'open', module: this.#module, kind: this.#kind, options });
  }

  async arm(wanted: Wanted): Promise<void> {
    await this.#ask({ do: 'arm', wanted });
    this.#hearing = this.#answer();
    this.#hearing.catch(() => {});
  }

  async heard(): Promise<Hearing> {
    const answer = await this.#hearing;
    if (answer?.did === 'hear') return answer;
    throw new WrongResult(`${this.name} was not asked for anything`);
  }

  async close(): Promise<void> {
    await this.#ask({ do: 'close' });
  }

  end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
    this.#forget();
  }

  #fork(): ChildProcess {
    const child = fork(fileURLToPath(new URL('child.js', import.meta.url)), { serialization: 'advanced' });
    this.#forget = cleanUpOnExit(() => child.kill('SIGKILL'));
    return child;
  }

  async #ask(request: Request): Promise<void> {
    const answered = this.#answer();
    this.#child?.send(request);
    const { did } = await answered;
    if (did !== request.do) throw new WrongResult(`${this.name} did ${did} instead of ${request.do}`);
  }

  #answer(): Promise<Answer> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        fail(`did not hear of everything within ${PATIENCE_MS / 1_000} s`);
      }, PATIENCE_MS);
      const fail = (what: string) => {
        done();
        reject(new WrongResult(`${this.name}: ${what}`));
      };
      const onMessage = (answer: Answer) => {
        if (answer.did === 'fail') return fail(answer.message);
        done();
        resolve(answer);
      };
      const onExit = () => fail('its process ended');
      const done = () => {
        clearTimeout(timer);
        child?.off('message', onMessage);
        child?.off('exit', onExit);
      };
      child?.on('message', onMessage);
      child?.on('exit', onExit);
    });
  }
}
