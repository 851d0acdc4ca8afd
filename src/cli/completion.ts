import { Argument, Command } from 'commander';
import { bashCompletion } from '../completion/bash.js';
import { type CommandTree, commandTree } from '../completion/command-tree.js';
import { fishCompletion } from '../completion/fish.js';
import { zshCompletion } from '../completion/zsh.js';
import type { Io } from './io.js';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const satisfies Record<
  string,
  (tree: CommandTree) => string
>;

const AFTER_HELP = `
Examples:
  bash:  echo 'eval "$(pgcachewatch completion bash)"' >> ~/.bashrc
  zsh:   echo 'source <(pgcachewatch completion zsh)' >> ~/.zshrc    (after compinit)
  fish:  pgcachewatch completion fish > ~/.config/fish/completions/pgcachewatch.fish`;

/** `pgcachewatch completion`: prints what teaches a shell the commands and their options. */
export function completionCommand(io: Io): Command {
  return new Command('completion')
    .description('print a script that lets a shell complete commands and options')
    .addArgument(new Argument('<shell>', 'which shell it is for').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', AFTER_HELP)
    .action((shell: keyof typeof SCRIPTS, _, command: Command) => {
      io.out(SCRIPTS[shell](commandTree(command.parent ?? command)));
    });
}
