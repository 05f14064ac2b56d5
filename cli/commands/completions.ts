import { Argument, Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import {
  completionScript,
  type CompletionValue,
  type CompletionWord,
  SHELLS,
} from "../output/completion_scripts.ts";
import { type CliContext, printJson } from "../context.ts";
import { BUNDLED } from "../../datasets/mod.ts";
import { act } from "../options/define.ts";
import { FIT_NAMES, SCHEDULER_NAMES } from "../options/names.ts";
import * as options from "../options/mod.ts";

/** What follows the options and commands whose values are names. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "datasets show": BUNDLED.map(({ name }) => name),
  "datasets export": BUNDLED.map(({ name }) => name),
  "--scheduler": SCHEDULER_NAMES,
  "--schedulers": ["all", ...SCHEDULER_NAMES],
  "--fit": FIT_NAMES,
  "--fallback": FIT_NAMES.filter((name) => name !== "table"),
};

/** Options whose value is several names, separated by commas. */
const LISTS: readonly string[] = ["--schedulers"];

/** Names of options' values and of arguments that are files or folders. */
const FILES: ReadonlySet<string> = new Set([
  ...["file", "folder", "directory", "dir", "path", "table", "journal"],
  ...["plan", "plans", "checkout"],
]);

/** Options of `metis completions`. */
const completionsOptions = () =>
  [
    options.jsonOption(),
  ] as const;

/** The command `metis completions`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("completions")
      .description(
        "Prints a completion script for a shell in which `metis` is an alias or script that runs this program.",
      )
      .addArgument(new Argument("<shell>", "shell to complete in").choices(SHELLS))
      .addHelpText(
        "after",
        `
To load it:
  bash  source <(metis completions bash)
  zsh   source <(metis completions zsh)
  fish  metis completions fish | source`,
      ),
    completionsOptions(),
    (shell, given, command) => {
      const script = completionScript(shell, completionWords(command.parent!));
      if (given.json) printJson(context, { shell, script });
      else context.stdout.write(script);
    },
  );
}

/** Every word that can follow a command line, by the commands before it. */
export function completionWords(program: CommandUnknownOpts): CompletionWord[] {
  const words: CompletionWord[] = [];
  const visit = (command: CommandUnknownOpts, path: readonly string[]): void => {
    for (const child of command.commands) {
      words.push({ path, word: child.name(), help: child.summary() || child.description() });
      visit(child, [...path, child.name()]);
    }
    for (const argument of command.registeredArguments) {
      const choices = argument.argChoices ?? VALUES[path.join(" ")] ?? [];
      for (const choice of choices) words.push({ path, word: choice, help: "" });
      if (FILES.has(argument.name())) words.push({ path, word: "", help: "", value: "file" });
    }
    for (const option of command.options) {
      if (option.long === undefined || option.long === null) continue;
      const values = VALUES[option.long] ?? option.argChoices;
      words.push({
        path,
        word: option.long,
        help: option.description,
        ...(option.required ? { value: valueOf(option.long, option.flags, values) } : {}),
      });
    }
  };
  visit(program, []);
  return words;
}

/** What an option takes. @param flags Such as `--out <file>`. */
function valueOf(
  name: string,
  flags: string,
  words: readonly string[] | undefined,
): CompletionValue {
  if (words !== undefined) return { words, list: LISTS.includes(name) };
  return FILES.has(/<([^>]*)>$/.exec(flags)?.[1] ?? "") ? "file" : "other";
}
