import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import ts from 'typescript';
import { type BuiltCommand, buildCommand } from '../support/built-command.js';
import type { Answers, ConsumerOptions } from './consumer-report.js';

/** A process that caches what is flooded. */
export interface Consumer extends AsyncDisposable {
  readonly pid: number;
  ask<Q extends keyof Answers>(question: Q): Promise<Answers[Q]>;
  /** SIGSTOP and SIGCONT. */
  stop(): void;
  resume(): void;
  /** SIGKILL. */
  kill(): void;
}

export interface Consumers {
  /** Resolves when its source is live. */
  start(options: ConsumerOptions): Promise<Consumer>;
  remove(): Promise<void>;
}

/** Compiles the package and the program of the process. */
export async function buildConsumers(): Promise<Consumers> {
  const built = await buildCommand();
  const program = await compile(built);
  return {
    remove: () => built.remove(),
    async start(options) {
      const child = fork(program, [JSON.stringify(options)], { execArgv: ['--expose-gc'] });
      const ended = once(child, 'exit');
      const failed = ended.then(([status]) => Promise.reject(new Error(`the consumer has ended: ${status}`)));
      failed.catch(() => {});
      await Promise.race([once(child, 'message'), failed]);
      return consumerOf(child, failed, ended);
    },
  };
}

async function compile({ folder }: BuiltCommand): Promise<string> {
  const source = await readFile(path.join(import.meta.dirname, 'consumer-process.ts'), 'utf8');
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const program = path.join(folder, 'consumer-process.js');
  await writeFile(program, ts.transpileModule(source, { compilerOptions }).outputText);
  return program;
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

function consumerOf(child: ChildProcess, failed: Promise<never>, ended: Promise<unknown>): Consumer {
  let questions = 0;
  const ask = <Q extends keyof Answers>(question: Q): Promise<Answers[Q]> => {
    const id = questions++;
    const answered = new Promise<Answers[Q]>((resolve, reject) => {
      const onMessage = (reply: Reply & { readonly answer: Answers[Q] }): void => {
        if (reply.id !== id) return;
        child.off('message', onMessage);
        if (reply.error === undefined) resolve(reply.answer);
        else reject(new Error(reply.error));
      };
      child.on('message', onMessage);
    });
    child.send({ id, question });
    return Promise.race([answered, failed]);
  };
  return {
    pid: child.pid ?? 0,
    ask,
    stop: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: () => void child.kill('SIGKILL'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGCONT');
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
