import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { type CliContext, printJson } from "../context.ts";
import { BUILT_DEMO, folderUrl, serveDemo } from "../demo/server.ts";
import { act, type GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";

/** Port that the demo is served on where `--port` says nothing. */
const DEFAULT_PORT = 8080;

/** Options of `metis demo`. */
const demoOptions = () =>
  [
    new Option("--port <number>", "port to serve on; 0 takes any free one")
      .argParser(options.whole(0, 65535))
      .default(DEFAULT_PORT),
    new Option("--directory <dir>", "another folder that holds a built demo"),
    options.jsonOption(),
  ] as const;
type DemoArguments = GivenBy<typeof demoOptions>;

/** The command `metis demo`. */
export function command(context: CliContext): CommandUnknownOpts {
  return act(
    new Command("demo")
      .description(
        "Serves the demo to a browser on this machine, until Ctrl-C: place containers, watch schedulers, move " +
          "containers by hand, train a policy.",
      ),
    demoOptions(),
    (given) => runDemo(context, given),
  );
}

async function runDemo(context: CliContext, given: DemoArguments): Promise<void> {
  const folder = given.directory === undefined ? BUILT_DEMO : folderUrl(given.directory);
  const { url, finished } = await serveDemo(folder, given.port, context.signal);
  if (given.json) printJson(context, { url });
  else context.stdout.write(`The demo is at ${url} (Ctrl-C ends it)\n`);
  await finished;
}
