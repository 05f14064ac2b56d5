import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { InputError } from "../../domain/mod.ts";
import { type Finding, placeOf, refuseByFindings } from "../../swarm/services/findings.ts";
import { type CliContext, printJson } from "../context.ts";
import { act, untyped } from "../options/define.ts";
import * as options from "../options/mod.ts";
import { readStackFiles } from "../swarm/services.ts";

/** Options of `metis stack check`. */
const checkOptions = () => [...options.outputOptions()] as const;

/** The command `metis stack`. */
export function command(context: CliContext): CommandUnknownOpts {
  const command = new Command("stack").description(
    "Looks at stack files, the files that `docker stack deploy` takes and `--services` names.",
  );
  act(
    command.command("check")
      .description(
        "Tell all of a stack file at once: what is taken, what the plan decides instead, what is ignored and what that " +
          "means, and all that is refused. Exit code 1 if anything is. Several files are one stack: later ones add to " +
          "earlier ones.",
      )
      .argument("<files...>", "stack files (YAML or JSON)"),
    checkOptions(),
    (files, given) => checkStack(context, files, given.json === true),
  );
  return untyped(command);
}

async function checkStack(
  context: CliContext,
  files: readonly string[],
  asJson: boolean,
): Promise<void> {
  const { services, findings } = await readStackFiles(context, files);
  const refused = findings.filter(({ kind }) => kind === "refused");
  const taken = refused.length === 0;
  if (asJson) printJson(context, { files, taken, services: [...services.keys()], findings });
  else context.stdout.write(renderFindings(files, [...services.keys()], findings));
  if (refused.length === 1) refuseByFindings(findings);
  if (!taken) throw new InputError(`${files.join(" and ")}: ${refused.length} keys are refused`);
}

/** Findings as text for people: what is refused first, what is taken without a word last. */
function renderFindings(
  files: readonly string[],
  services: readonly string[],
  findings: readonly Finding[],
): string {
  const told = (["refused", "ignored", "decided", "taken"] as const).flatMap((kind) =>
    findings.filter((one) => one.kind === kind && one.text !== "")
      .map((one) => `${kind.padEnd(8)} ${placeOf(one)}: ${one.text}\n`)
  );
  const silent = findings.filter(({ kind, text }) => kind === "taken" && text === "").length;
  const refused = findings.filter(({ kind }) => kind === "refused").length;
  return [
    ...told,
    `${files.join(" and ")}: ${services.length} ${
      services.length === 1 ? "service" : "services"
    }, ` +
    `${silent} keys are taken as they are` +
    `${refused === 0 ? "" : `, ${refused} ${refused === 1 ? "is" : "are"} refused`}\n`,
  ].join("");
}
