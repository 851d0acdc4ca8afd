import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../support/cli.js';

/** Each shell is asked itself what it offers. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-completion-'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { status, out, err } = await cli('completion', shell);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    await writeFile(path.join(folder, `${shell}.txt`), out);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

function shell(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 15_000 });
  if (error !== undefined) throw error;
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

/** What is offered for the last of the words, as bash cuts them. */
function offeredByBash(...words: string[]): string[] {
  const script = `source "$0" && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    read -r _ _ function _ <<< "$(complete -p pgcachewatch)"
    "$function"; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return shell('bash', ['--norc', '-c', script, path.join(folder, 'bash.txt'), 'pgcachewatch', ...words])
    .split('\n')
    .filter(Boolean);
}

/** The same, from one text. */
function offeredByFish(line: string): string[] {
  const script = `source ${path.join(folder, 'fish.txt')}; complete -C '${line}'`;
  return shell('fish', ['--no-config', '-c', script])
    .split('\n')
    .flatMap((offered) => offered.split('\t')[0] || []);
}

/** All that zsh's own \`_arguments\` and \`_describe\` are told of, by way of what adds matches. */
function offeredByZsh(...words: string[]): string {
  const script = `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell 'PS1=READY; TERM=dumb; autoload -U compinit; compinit -u -D; source ${path.join(folder, 'zsh.txt')}; LISTMAX=1000; unsetopt automenu'
    zpty -r -m shell seen '*READY*READY*'
    zpty -w -n shell $'${words.join(' ')}\\t'
    zpty -r -m shell seen '*replication*' && print -r -- "$seen"
  `;
  return shell('zsh', ['-f', '-c', script]);
}

const commands = ['install', 'uninstall', 'doctor', 'status', 'listen', 'demo', 'completion', 'help'];

describe.skipIf(!isThere('bash'))('bash', () => {
  test('offers the commands, and the options of all of them', () => {
    expect(offeredByBash('')).toEqual([...commands, '--version', '--url', '--debug', '--help']);
    expect(offeredByBash('--url', 'postgres', ':', '//listen', 'in')).toEqual(['install']);
  });

  test('offers the options of a command, and what their values can be', () => {
    expect(offeredByBash('status', '--')).toEqual(['--watch', '--json', '--help', '--url', '--debug']);
    expect(offeredByBash('listen', 'orders', '--mode', '')).toEqual(['auto', 'notify', 'replication']);
    expect(offeredByBash('demo', '--mode', '')).toEqual(['notify', 'replication', 'both']);
    expect(offeredByBash('listen', '--operation', 't')).toEqual(['truncate']);
    expect(offeredByBash('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
  });

  test('takes --mode=notify as it is meant, and guesses no names', () => {
    expect(offeredByBash('listen', '--mode', '=')).toEqual(['auto', 'notify', 'replication']);
    expect(offeredByBash('listen', '--mode', '=', 'r')).toEqual(['replication']);
    for (const option of ['--channel', '--url']) expect(offeredByBash('listen', option, '')).toEqual([]);
  });
});

describe.skipIf(!isThere('fish'))('fish', () => {
  test('offers commands, options and what their values can be', () => {
    expect(offeredByFish('pgcachewatch ')).toEqual(expect.arrayContaining(commands));
    expect(offeredByFish('pgcachewatch status --')).toEqual(expect.arrayContaining(['--watch', '--url']));
    expect(offeredByFish('pgcachewatch status --')).not.toContain('--mode');
    expect(offeredByFish('pgcachewatch listen --mode ')).toEqual(['auto', 'notify', 'replication']);
    expect(offeredByFish('pgcachewatch completion ')).toEqual(
      expect.arrayContaining(['bash', 'zsh', 'fish']),
    );
  });
});

describe.skipIf(!isThere('zsh'))('zsh', () => {
  test('offers what the values of an option can be', () => {
    expect(offeredByZsh('pgcachewatch listen --mode ')).toMatch(/auto +notify +replication/);
    expect(offeredByZsh('pgcachewatch demo --mode ')).toMatch(/both +notify +replication/);
  });
});

test('another shell is not a command line', async () => {
  expect(await cli('completion', 'tcsh')).toMatchObject({ status: 2, out: '' });
});
