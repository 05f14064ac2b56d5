/**
 * Writes docs/cli.md, the reference of the command line, from the commands themselves:
 * `deno task docs`. A test compares it with them.
 * @module
 */
import type { Argument, CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { EXIT_CODES_HELP } from "../cli/exit_codes.ts";
import { buildProgram } from "../cli/run.ts";
import { memoryContext } from "../cli/_testing.ts";

const PAGE = new URL("../docs/cli.md", import.meta.url);

/** The text of docs/cli.md. */
export async function cliReference(): Promise<string> {
  const program = await buildProgram(memoryContext(), "all");
  const commands = program.commands.filter((command) => command.name() !== "help");
  return `# Command line

Made from the commands by \`tools/cli_reference.ts\`; \`metis COMMAND --help\` says the same. From a checkout, \`metis\` is
\`deno task metis\`, or \`deno task cluster\` for commands that talk to a Swarm.

${
    table(
      commands.map((
        command,
      ) => [`[\`${command.name()}\`](#metis-${command.name()})`, command.summary()]),
    )
  }

\`\`\`
${EXIT_CODES_HELP.trim()}
\`\`\`

${commands.flatMap((command) => sections(command, "metis")).join("\n\n")}
`;
}

/** A command, then the commands below it. */
function sections(command: CommandUnknownOpts, parent: string): string[] {
  const name = `${parent} ${command.name()}`;
  const parts = [`${parent === "metis" ? "##" : "###"} ${name}`, command.description()];
  if (command.commands.length === 0 || command.registeredArguments.length > 0) {
    parts.push(`\`\`\`\n${name} ${command.usage()}\n\`\`\``);
  }
  const rows = [
    ...command.registeredArguments.map((one) => [`\`${one.name()}\``, about(one)] as const),
    ...command.options.filter(({ hidden }) => !hidden)
      .map((one) => [`\`${one.flags}\``, about(one)] as const),
  ];
  if (rows.length > 0) parts.push(table(rows));
  return [parts.join("\n\n"), ...command.commands.flatMap((child) => sections(child, name))];
}

function about(one: Option | Argument): string {
  const { description, defaultValue, defaultValueDescription, argChoices, ...rest } = one;
  const mandatory = "mandatory" in rest && rest.mandatory;
  const notes = [
    ...(mandatory ? ["required"] : []),
    ...(argChoices ? [`one of ${argChoices.map((one) => `\`${one}\``).join(", ")}`] : []),
    ...(defaultValue === undefined || defaultValue === false
      ? []
      : [`default: ${defaultValueDescription ?? `\`${JSON.stringify(defaultValue)}\``}`]),
  ];
  return description + (notes.length === 0 ? "" : ` (${notes.join("; ")})`);
}

function table(rows: readonly (readonly [string, string])[]): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
  const code = (text: string): string => text.replaceAll("|", "\\|");
  return ["| | |", "| --- | --- |", ...rows.map(([a, b]) => `| ${code(a)} | ${cell(b)} |`)]
    .join("\n");
}

if (import.meta.main) await Deno.writeTextFile(PAGE, await cliReference());
