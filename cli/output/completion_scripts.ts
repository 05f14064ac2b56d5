/** Shells that there are completion scripts for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A word that may follow some commands. */
export interface CompletionWord {
  /** The commands before it: `["datasets"]` for what follows `metis datasets`. */
  readonly path: readonly string[];
  /** Empty for an argument that is no fixed word. */
  readonly word: string;
  readonly help: string;
  /** What an option takes, or what such an argument is. */
  readonly value?: CompletionValue;
}

/** One of some words, several of them with commas, a file or folder, or what no shell can know. */
export type CompletionValue =
  | { readonly words: readonly string[]; readonly list: boolean }
  | "file"
  | "other";

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
    const files = following.some(({ word }) => word === "") ? " files=yes" : "";
    const fixed = following.flatMap(({ word }) => word === "" ? [] : [word]);
    return `    ${quote(path)}) words=${quote(fixed.join(" "))}${files} ;;`;
  });
  const commands = paths.filter((path) => path !== "").map((path) => quote(path)).join("|");
  const values = new Map(
    words.flatMap(({ word, value }) =>
      word === "" || value === undefined ? [] : [[word, value] as const]
    ),
  );
  // Only files get a slash: the command datasets must not become the folder datasets/.
  const valueCases = [...values].map(([option, value]) => {
    if (value === "other") return `    ${option}) return ;;`;
    if (value === "file") return `    ${option}) _metis_files "$current"; return ;;`;
    const choices = quote(value.words.join(" "));
    return value.list
      ? `    ${option}) _metis_list ${choices} "$current"; return ;;`
      : `    ${option}) COMPREPLY=($(compgen -W ${choices} -- "$current")); return ;;`;
  });
  return `# Completion of metis. Made by: metis completions
_metis_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen -f -- "$1"))
}
_metis_list() {
  local before=""
  case "$2" in *,*) before="\${2%,*}," ;; esac
  compopt -o nospace 2>/dev/null
  COMPREPLY=($(compgen -P "$before" -W "$1" -- "\${2##*,}"))
}
_metis() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="" words="" files="" at candidate
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
  case "$files$current" in yes-*) ;; yes*) COMPREPLY=(); _metis_files "$current" ;; esac
}
complete -F _metis metis
`;
}

function fishScript(words: readonly CompletionWord[]): string {
  const topLevel = words.filter(({ path }) => path.length === 0).map(({ word }) => word);
  const lines = words.map(({ path, word, help, value }) => {
    const seen = path.map((part) => `__fish_seen_subcommand_from ${part}`).join("; and ");
    // A command word is offered only until one of its siblings was given.
    const siblings = words.filter((other) =>
      other.path.join(" ") === path.join(" ") && other.word !== "" && !other.word.startsWith("--")
    ).map((other) => other.word);
    const option = word.startsWith("--");
    if (word === "") return `complete -c metis -n ${quote(seen)} -F`;
    const unseen = option ? "" : `not __fish_seen_subcommand_from ${siblings.join(" ")}`;
    const condition = path.length === 0 && option
      ? `not __fish_seen_subcommand_from ${topLevel.join(" ")}`
      : [seen, unseen].filter((part) => part !== "").join("; and ");
    const what = option ? `-l ${word.slice(2)}` : `-f -a ${quote(word)}`;
    return `complete -c metis -n ${quote(condition)} ${what}${fishValue(value)} -d ${quote(help)}`;
  });
  return `# Completion of metis. Made by: metis completions\n${lines.join("\n")}\n`;
}

function fishValue(value: CompletionValue | undefined): string {
  if (value === undefined) return "";
  if (value === "file") return " -r -F";
  if (value === "other") return " -x";
  if (!value.list) return ` -x -a ${quote(value.words.join(" "))}`;
  const lines = `printf '%s\\n' ${value.words.join(" ")}`;
  return ` -x -a ${quote(`(__fish_complete_list , ${quoteDouble(lines)})`)}`;
}

function quoteDouble(text: string): string {
  return `"${text.replaceAll(/(["$\\])/g, "\\$1")}"`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
