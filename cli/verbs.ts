import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CliContext } from "./context.ts";

/** A command of the command line, loaded only when it is called, so that `--help` stays fast. */
export interface Verb {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** On Ctrl-C it saves its work and ends by InterruptedError; others are left at once. */
  readonly endsItself?: true;
  /** The command with its options and action. */
  readonly load: (context: CliContext) => Promise<CommandUnknownOpts>;
}

/** Every command, in the order of the help text. */
export const VERBS: readonly Verb[] = [
  {
    name: "start",
    summary: "place a bundled demand with every scheduler: the first thing to try",
    load: async (context) => (await import("./commands/start.ts")).startCommand(context),
  },
  {
    name: "fit",
    summary: "fit an interference model on a measured profile, and score it",
    load: async (context) => (await import("./commands/fit.ts")).fitCommand(context),
  },
  {
    name: "profile",
    summary: "choose configurations to measure, and measure them",
    endsItself: true,
    load: async (context) => (await import("./commands/profile.ts")).profileCommand(context),
  },
  {
    name: "schedule",
    summary: "place a demand with one scheduler",
    load: async (context) => (await import("./commands/schedule.ts")).scheduleCommand(context),
  },
  {
    name: "compare",
    summary: "place demands with several schedulers, side by side",
    load: async (context) => (await import("./commands/compare.ts")).compareCommand(context),
  },
  {
    name: "medea",
    summary: "place demands with the fewest violated constraints, as CSV files",
    endsItself: true,
    load: async (context) => (await import("./commands/medea.ts")).medeaCommand(context),
  },
  {
    name: "evaluate",
    summary: "value a saved plan under another profile, model or table",
    load: async (context) => (await import("./commands/evaluate.ts")).evaluateCommand(context),
  },
  {
    name: "interference",
    summary: "derive affinity and anti-affinity constraints from a profile",
    load: async (context) =>
      (await import("./commands/interference.ts")).interferenceCommand(context),
  },
  {
    name: "experiment",
    summary: "run a file of schedulers and demands, and report it as tables and plots",
    endsItself: true,
    load: async (context) => (await import("./commands/experiment.ts")).experimentCommand(context),
  },
  {
    name: "train",
    summary: "train a policy; without arguments on the bundled profile in about two minutes",
    endsItself: true,
    load: async (context) => (await import("./commands/train.ts")).trainCommand(context),
  },
  {
    name: "policy",
    summary: "show trained policies, and import the published ones",
    load: async (context) => (await import("./commands/policy.ts")).policyCommand(context),
  },
  {
    name: "deploy",
    summary: "deploy a plan on a Docker Swarm, and wait until it runs",
    endsItself: true,
    load: async (context) => (await import("./commands/deploy.ts")).deployCommand(context),
  },
  {
    name: "status",
    summary: "show what runs of a deployed plan, and what differs from it",
    load: async (context) => (await import("./commands/status.ts")).statusCommand(context),
  },
  {
    name: "undeploy",
    summary: "remove what was deployed from a Swarm, and nothing else",
    endsItself: true,
    load: async (context) => (await import("./commands/undeploy.ts")).undeployCommand(context),
  },
  {
    name: "plan",
    summary: "draw a plan, or export it for docker stack, Compose or Kubernetes",
    load: async (context) => (await import("./commands/plan.ts")).planCommand(context),
  },
  {
    name: "workloads",
    summary: "build the images of the bundled workloads, and list what sizes their work",
    load: async (context) => (await import("./commands/workloads.ts")).workloadsCommand(context),
  },
  {
    name: "launch",
    summary: "launch workloads on one node of a Swarm, slot by slot",
    endsItself: true,
    load: async (context) => (await import("./commands/launch.ts")).launchCommand(context),
  },
  {
    name: "terminate",
    summary: "remove what was launched",
    endsItself: true,
    load: async (context) => (await import("./commands/terminate.ts")).terminateCommand(context),
  },
  {
    name: "verify",
    summary: "deploy plans, measure them under load, and compare with what was predicted",
    endsItself: true,
    load: async (context) => (await import("./commands/verify.ts")).verifyCommand(context),
  },
  {
    name: "load",
    summary: "load web services, and measure requests per second and latencies",
    endsItself: true,
    load: async (context) => (await import("./commands/load.ts")).loadCommand(context),
  },
  {
    name: "lab",
    summary: "bring a Swarm of several engines up on this machine, to try things on",
    endsItself: true,
    load: async (context) => (await import("./commands/lab.ts")).labCommand(context),
  },
  {
    name: "demo",
    summary: "serve the demo to a browser on this machine",
    endsItself: true,
    load: async (context) => (await import("./commands/demo.ts")).demoCommand(context),
  },
  {
    name: "datasets",
    summary: "list, show and export the bundled profiles and demands",
    load: async (context) => (await import("./commands/datasets.ts")).datasetsCommand(context),
  },
  {
    name: "completions",
    summary: "print a completion script for bash, zsh or fish",
    load: async (context) =>
      (await import("./commands/completions.ts")).completionsCommand(context),
  },
];
