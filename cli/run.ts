import {
  Command,
  CommanderError,
  type CommandUnknownOpts,
  type Help,
} from "@commander-js/extra-typings";
import config from "../deno.json" with { type: "json" };
import { InterruptedError, MetisError, UsageError } from "../domain/errors.ts";
import { printable } from "../domain/text.ts";
import { suggest } from "../domain/suggest.ts";
import { type CliContext, printJson, wantsColor } from "./context.ts";
import { BrokenPipeError, EXIT, EXIT_CODES_HELP, exitCodeOf } from "./exit_codes.ts";
import { wrapText } from "./output/table.ts";
import { VERBS } from "./verbs.ts";

/** Columns below which help is laid out in one column. */
const NARROW = 70;

/**
 * Runs the command that the arguments name, and says on standard error what went wrong, if anything.
 * @returns The exit code, see exit_codes.ts.
 */
export async function runCli(context: CliContext): Promise<number> {
  try {
    const called = calledVerb(context.args);
    const needsAll = VERBS.find(({ name }) => name === called)?.needsAll === true;
    const program = await buildProgram(context, needsAll ? "all" : called);
    const [first, topic] = context.args;
    if (first === "help" && topic !== undefined && !VERBS.some(({ name }) => name === topic)) {
      throw new UsageError(
        `Unknown command ${topic}${suggest(topic, VERBS.map(({ name }) => name))}`,
      );
    }
    if (context.args.length === 0) {
      program.outputHelp({ error: true });
      return EXIT.usage;
    }
    refuseProblemFile(context.args, program.commands.find((command) => command.name() === called));
    const work = program.parseAsync([...context.args], { from: "user" });
    const verb = VERBS.find(({ name }) => name === first);
    await (verb?.endsItself ? work : unlessInterrupted(context, work));
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done;
      return failWith(context, EXIT.usage, error.message.replace(/^error: /, ""));
    }
    return explain(context, error);
  }
}

/**
 * The program with one of its commands loaded, or with all of them.
 * @param verb Name of the command to load, "all", or anything else for none.
 */
export async function buildProgram(
  context: CliContext,
  verb: string | undefined,
): Promise<CommandUnknownOpts> {
  const program = new Command("metis")
    .description("Places long-running containers by how they speed up or slow down each other.")
    .version(config.version)
    .showSuggestionAfterError()
    .addHelpText("after", `\n${EXIT_CODES_HELP}`);
  for (const { name, summary, load } of VERBS) {
    const command = verb === name || verb === "all"
      ? (await load()).command(context)
      : new Command(name);
    program.addCommand(command.summary(summary) as Command);
  }
  configure(program as CommandUnknownOpts, context);
  return program as CommandUnknownOpts;
}

/** The command to load: the first word, or the word after `help`. There are no options before it. */
function calledVerb(args: readonly string[]): string | undefined {
  const words = args.filter((word) => !word.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}

function configure(command: CommandUnknownOpts, context: CliContext): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => context.stdout.write(text),
    writeErr: (text) => context.stderr.write(text),
    getOutHelpWidth: () => context.stdout.columns,
    getErrHelpWidth: () => context.stderr.columns,
    getOutHasColors: () => wantsColor(context, context.stdout),
    getErrHasColors: () => wantsColor(context, context.stderr),
    // Commander puts its suggestion on a second line; errors here take exactly one.
    outputError: (text, write) => {
      const line = text.trim().replace(/^error: /, "").replaceAll("\n", " ");
      write(`metis: ${printable(line)}\n`);
    },
  });
  // Beside the terms, descriptions would get a few columns only: they go below.
  if (context.stdout.columns < NARROW) command.configureHelp({ formatItem: narrowItem });
  for (const child of command.commands) configure(child, context);
}

function narrowItem(term: string, _width: number, description: string, help: Help): string {
  const indent = "\n" + " ".repeat(6);
  const below = wrapText(description, (help.helpWidth ?? NARROW) - 6).replaceAll("\n", indent);
  return `  ${term}${description === "" ? "" : indent + below}`;
}

/** Says which commands take a problem file, before others ask for options that they need. @throws {UsageError} */
function refuseProblemFile(
  args: readonly string[],
  command: CommandUnknownOpts | undefined,
): void {
  const isAsked = args.some((arg) => arg === "--problem" || arg.startsWith("--problem="));
  if (!isAsked || command === undefined || takesProblemFile(command)) return;
  const name = command.name();
  throw new UsageError(
    `unknown option '--problem' of ${name}: ${
      WITHOUT_PROBLEM[name] ?? "it takes no problem: metis --help says which command does what"
    }`,
  );
}

/** Why commands that sound as if they took a problem file do not, and what to do instead. */
const WITHOUT_PROBLEM: Readonly<Record<string, string>> = {
  train:
    "a policy is learned for apps and slots, not for one problem: give --profile, --capacity and --demands",
  scale:
    "it changes the containers of a plan: change them in the file, and metis replan --problem FILE",
  fit: "it reads a profile: give --profile FILE",
  profile: "it measures apps: name them by options",
  plan: "it looks at plans: metis evaluate --plan PLAN --problem FILE checks one",
  experiment: "name the file in the experiment: a key problem in the place of surface and cluster",
};

function takesProblemFile({ options, commands }: CommandUnknownOpts): boolean {
  return options.some(({ long }) => long === "--problem") || commands.some(takesProblemFile);
}

async function unlessInterrupted(context: CliContext, work: Promise<unknown>): Promise<void> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new InterruptedError("Interrupted"));
  if (context.signal.aborted) stop();
  context.signal.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([work, interrupted]);
  } finally {
    context.signal.removeEventListener("abort", stop);
  }
}

function explain(context: CliContext, error: unknown): number {
  if (error instanceof BrokenPipeError) return EXIT.done;
  // Whatever failed because of the interruption, the interruption is the reason.
  const code = context.signal.aborted ? EXIT.interrupted : exitCodeOf(error);
  const message = code === EXIT.interrupted
    ? error instanceof InterruptedError ? error.message : "Interrupted"
    : error instanceof MetisError
    ? error.message.split("\n")[0]!
    : `internal error: ${firstLine(error)} (METIS_DEBUG=1 shows where)`;
  const clear = context.stderr.isTerminal ? "\r\x1b[K" : "";
  try {
    context.stderr.write(`${clear}metis: ${printable(message)}\n`);
    if (context.env("METIS_DEBUG") && error instanceof Error) {
      context.stderr.write(`${error.stack}\n`);
    }
  } catch {
    // Standard error is closed: the exit code must do.
  }
  return failWith(context, code, message);
}

/**
 * The exit code of a failure. With `--json`, programs get it and the message as their one JSON object, unless they have
 * a result already (a report of what failed).
 */
function failWith(context: CliContext, code: number, message: string): number {
  if (!context.args.includes("--json") || context.stdout.isWritten) return code;
  try {
    printJson(context, { error: { exitCode: code, message: message.split("\n")[0] } });
  } catch {
    // Standard output is closed: the exit code must do.
  }
  return code;
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0]!;
}
