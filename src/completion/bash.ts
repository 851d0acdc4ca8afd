import type { CommandTree, CompletedCommand, CompletedOption } from './command-tree.js';

/** A completion script for bash 3.2 or later. It needs nothing else, not bash-completion either. */
export function bashCompletion(tree: CommandTree): string {
  const { name, commands } = tree;
  const names = commands.map((command) => command.name);
  const all: CompletedCommand[] = [{ ...tree, name: '', choices: names }, ...commands];
  return `# bash completion for ${name}: eval "$(${name} completion bash)"
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command= words= i
  # bash takes --mode=notify for three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join(' | ')}) command=\${COMP_WORDS[i]} && break ;;
    esac
  done
  case "$command $prev" in
${all.flatMap((command) => command.options.flatMap((option) => valueCase(command, option))).join('\n')}
    *)
      case $command in
${all.map((command) => `        '${command.name}') words='${wordsOf(command)}' ;;`).join('\n')}
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _${name} ${name}
`;
}

/** Where nobody can guess the value, nothing is offered. */
function valueCase(command: CompletedCommand, { long, takesValue, choices }: CompletedOption): string[] {
  return takesValue ? [`    '${command.name} --${long}') words='${choices.join(' ')}' ;;`] : [];
}

function wordsOf({ choices, options }: CompletedCommand): string {
  return [...choices, ...options.map(({ long }) => `--${long}`)].join(' ');
}
