/** Shells that there are completion scripts for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A word that may follow some commands. */
export interface CompletionWord {
  /** The commands before it: `["datasets"]` for what follows `metis datasets`. */
  readonly path: readonly string[];
  readonly word: string;
  readonly help: string;
  /** Of an option that takes a value: the words it may be; empty if it is a file or a number. */
  readonly values?: readonly string[];
}

/** The completion script of a shell. */
export function completionScript(
  shell: typeof SHELLS[number],
  words: readonly CompletionWord[],
): string {
  if (shell === "fish") return fishScript(words);
  // zsh runs bash completions through its own bashcompinit.
  const opening = shell === "zsh"
    ? "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n"
    : "";
  return opening + bashScript(words);
}

function bashScript(words: readonly CompletionWord[]): string {
  const paths = [...new Set(words.map(({ path }) => path.join(" ")))];
  const cases = paths.map((path) => {
    const following = words.filter((word) => word.path.join(" ") === path);
    return `    ${quote(path)}) words=${quote(following.map(({ word }) => word).join(" "))} ;;`;
  });
  const commands = paths.filter((path) => path !== "").map((path) => quote(path)).join("|");
  const values = new Map(
    words.flatMap(({ word, values }) => values === undefined ? [] : [[word, values] as const]),
  );
  // Only files get a slash: the command datasets must not become the folder datasets/.
  const valueCases = [...values].map(([option, choices]) =>
    choices.length === 0
      ? `    ${option}) compopt -o filenames 2>/dev/null; ` +
        'COMPREPLY=($(compgen -f -- "$current")); return ;;'
      : `    ${option}) COMPREPLY=($(compgen -W ${
        quote(choices.join(" "))
      } -- "$current")); return ;;`
  );
  return `# Completion of metis. Made by: metis completions
_metis() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="" words="" at candidate
  COMPREPLY=()
  case "$previous" in
${valueCases.join("\n")}
  esac
  for ((at = 1; at < COMP_CWORD; at++)); do
    candidate="\${path:+$path }\${COMP_WORDS[at]}"
    case "$candidate" in ${commands}) path="$candidate" ;; esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _metis metis
`;
}

function fishScript(words: readonly CompletionWord[]): string {
  const topLevel = words.filter(({ path }) => path.length === 0).map(({ word }) => word);
  const lines = words.map(({ path, word, help, values }) => {
    const seen = path.map((part) => `__fish_seen_subcommand_from ${part}`).join("; and ");
    // A command word is offered only until one of its siblings was given.
    const siblings = words.filter((other) =>
      other.path.join(" ") === path.join(" ") && !other.word.startsWith("--")
    ).map((other) => other.word);
    const option = word.startsWith("--");
    const unseen = option ? "" : `not __fish_seen_subcommand_from ${siblings.join(" ")}`;
    const condition = path.length === 0 && option
      ? `not __fish_seen_subcommand_from ${topLevel.join(" ")}`
      : [seen, unseen].filter((part) => part !== "").join("; and ");
    const what = option ? `-l ${word.slice(2)}` : `-f -a ${quote(word)}`;
    const value = values === undefined
      ? ""
      : values.length === 0
      ? " -r -F"
      : ` -x -a ${quote(values.join(" "))}`;
    return `complete -c metis -n ${quote(condition)} ${what}${value} -d ${quote(help)}`;
  });
  return `# Completion of metis. Made by: metis completions\n${lines.join("\n")}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
