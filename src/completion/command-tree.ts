import type { Command } from 'commander';

/** What can stand in a command line, as far as commander knows it: so it is never another than what is parsed. */
export interface CommandTree extends CompletedCommand {
  readonly commands: readonly CompletedCommand[];
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  /** Those of the program among them, which are understood after a command, too. */
  readonly options: readonly CompletedOption[];
  /** What an argument can be, where that is limited. */
  readonly choices: readonly string[];
}

export interface CompletedOption {
  /** Without the dash. */
  readonly short: string | null;
  /** Without the dashes. */
  readonly long: string;
  readonly description: string;
  /** Whether a value has to follow. */
  readonly takesValue: boolean;
  /** What the value can be, where that is limited. */
  readonly choices: readonly string[];
}

export function commandTree(program: Command): CommandTree {
  const root = completed(program);
  const inherited = root.options.filter(({ long }) => long !== 'version' && long !== 'help');
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .map(completed)
    .map((command) => ({ ...command, options: [...command.options, ...inherited] }));
  return { ...root, commands };
}

function completed(command: Command): CompletedCommand {
  return {
    name: command.name(),
    description: command.description(),
    options: command
      .createHelp()
      .visibleOptions(command)
      .map((option) => ({
        short: option.short?.replace(/^-/, '') ?? null,
        long: option.name(),
        description: option.description,
        takesValue: option.required,
        choices: option.argChoices ?? [],
      })),
    choices: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  };
}
