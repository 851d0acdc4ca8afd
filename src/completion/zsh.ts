import type { CommandTree, CompletedCommand, CompletedOption } from './command-tree.js';

/** A completion script for zsh: to be sourced after `compinit`, or a file `_pgcachewatch` on the `fpath`. */
export function zshCompletion(tree: CommandTree): string {
  const { name, commands, options } = tree;
  const argumentsOf = (command: CompletedCommand) => [
    ...command.options.flatMap(specs),
    quoted(command.choices.length > 0 ? `*: :(${command.choices.join(' ')})` : '*: :'),
  ];
  return `#compdef ${name}
# zsh completion for ${name}: source <(${name} completion zsh)
_${name}() {
  local curcontext=$curcontext state line
  local -a commands=(
${commands.map((each) => `    ${quoted(`${each.name}:${each.description}`)}`).join('\n')}
  )
  _arguments -C \\
${options
  .flatMap(specs)
  .map((spec) => `    ${spec} \\`)
  .join('\n')}
    '1:command:->command' '*::argument:->arguments'
  case $state in
    command) _describe command commands ;;
    arguments)
      case $line[1] in
${commands.map((command) => `        ${command.name}) _arguments ${argumentsOf(command).join(' ')} ;;`).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

/** Specifications of `_arguments` (zshcompsys). One with a value may come again. */
function specs({ short, long, description, takesValue, choices }: CompletedOption): string[] {
  const told = `[${description.replace(/[\\[\]]/g, '\\$&')}]`;
  const action = takesValue ? `: :${choices.length > 0 ? `(${choices.join(' ')})` : ''}` : '';
  const names = [`--${long}`, ...(short === null ? [] : [`-${short}`])];
  return names.map((name) => quoted(`${takesValue ? '*' : ''}${name}${told}${action}`));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
