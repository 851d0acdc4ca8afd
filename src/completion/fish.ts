import type { CommandTree, CompletedCommand, CompletedOption } from './command-tree.js';

/** A completion script for fish. */
export function fishCompletion({ name, commands, options }: CommandTree): string {
  const complete = `complete -c ${name}`;
  const optionLine = (start: string) => (option: CompletedOption) => {
    const short = option.short === null ? '' : ` -s ${option.short}`;
    const choices = option.choices.length > 0 ? ` -a ${quoted(option.choices.join(' '))}` : '';
    const value = option.takesValue ? ` -x${choices}` : '';
    return `${start} -l ${option.long}${short}${value} -d ${quoted(option.description)}`;
  };
  const within = (command: CompletedCommand) => {
    const start = `${complete} -n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`;
    const choices = command.choices.length > 0 ? [`${start} -a ${quoted(command.choices.join(' '))}`] : [];
    return [...choices, ...command.options.map(optionLine(start))];
  };
  const lines = [
    `# fish completion for ${name}: ${name} completion fish | source`,
    `${complete} -f`,
    ...commands.map(
      (each) => `${complete} -n __fish_use_subcommand -a ${each.name} -d ${quoted(each.description)}`,
    ),
    ...options.map(optionLine(`${complete} -n __fish_use_subcommand`)),
    ...commands.flatMap(within),
  ];
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
