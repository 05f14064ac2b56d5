import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { CliContext } from "./context.ts";

/** A command of the command line, loaded only when it is called, so that `--help` stays fast. */
export interface Verb {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** On Ctrl-C it saves its work and ends by InterruptedError; others are left at once. */
  readonly endsItself?: true;
  /** Looks at all other commands: they are loaded with it. */
  readonly needsAll?: true;
  /** Its module, which makes the command with its options and action. */
  readonly load: () => Promise<
    { readonly command: (context: CliContext) => CommandUnknownOpts }
  >;
}

/** Every command, in the order of the help text. */
export const VERBS: readonly Verb[] = [
  {
    name: "start",
    summary: "place a bundled demand with every scheduler: the first thing to try",
    load: () => import("./commands/start.ts"),
  },
  {
    name: "fit",
    summary: "fit an interference model on a measured profile, and score it",
    load: () => import("./commands/fit.ts"),
  },
  {
    name: "profile",
    summary: "choose configurations to measure, and measure them",
    endsItself: true,
    load: () => import("./commands/profile.ts"),
  },
  {
    name: "observe",
    summary: "learn a profile from a stack that serves, by what a Prometheus recorded of it",
    endsItself: true,
    load: () => import("./commands/observe.ts"),
  },
  {
    name: "problem",
    summary: "check, show and import problem files: apps, nodes, rules and surfaces in one",
    load: () => import("./commands/problem.ts"),
  },
  {
    name: "schedule",
    summary: "place a demand with one scheduler",
    load: () => import("./commands/schedule.ts"),
  },
  {
    name: "compare",
    summary: "place demands with several schedulers, side by side",
    load: () => import("./commands/compare.ts"),
  },
  {
    name: "replan",
    summary: "find the best placement in few moves from a plan that runs, and the steps to it",
    load: () => import("./commands/replan.ts"),
  },
  {
    name: "scale",
    summary: "change how many containers of an app run, and move nothing else",
    load: () => import("./commands/scale.ts"),
  },
  {
    name: "medea",
    summary: "place demands with the fewest violated constraints, as CSV files",
    endsItself: true,
    load: () => import("./commands/medea.ts"),
  },
  {
    name: "evaluate",
    summary: "predict the throughput of a saved plan by another profile, model or table",
    load: () => import("./commands/evaluate.ts"),
  },
  {
    name: "interference",
    summary: "derive affinity and anti-affinity constraints from a profile",
    load: () => import("./commands/interference.ts"),
  },
  {
    name: "experiment",
    summary: "run a file of schedulers and demands, and report it as tables and plots",
    endsItself: true,
    load: () => import("./commands/experiment.ts"),
  },
  {
    name: "train",
    summary: "train a policy; without arguments on the bundled profile in about two minutes",
    endsItself: true,
    load: () => import("./commands/train.ts"),
  },
  {
    name: "policy",
    summary: "show trained policies, and import the published ones",
    load: () => import("./commands/policy.ts"),
  },
  {
    name: "env",
    summary: "be an environment for other people's learners, by lines of JSON",
    load: () => import("./commands/env.ts"),
  },
  {
    name: "deploy",
    summary: "deploy a plan on a Docker Swarm, and wait until it runs",
    endsItself: true,
    load: () => import("./commands/deploy.ts"),
  },
  {
    name: "stack",
    summary: "check stack files: what of them is taken, decided by the plan, ignored or refused",
    load: () => import("./commands/stack.ts"),
  },
  {
    name: "status",
    summary: "show which parts of a deployed plan run, and what differs from it",
    load: () => import("./commands/status.ts"),
  },
  {
    name: "adopt",
    summary:
      "read a stack that runs into a services file, a plan and a problem file, and take it over",
    load: () => import("./commands/adopt.ts"),
  },
  {
    name: "drain",
    summary: "move what a stack runs on a node elsewhere, and drain the node",
    endsItself: true,
    load: () => import("./commands/drain.ts"),
  },
  {
    name: "watch",
    summary:
      "keep a stack at its best: replan when something changes, and move a few containers an hour",
    endsItself: true,
    load: () => import("./commands/watch.ts"),
  },
  {
    name: "undeploy",
    summary: "remove what was deployed from a Swarm, and nothing else",
    endsItself: true,
    load: () => import("./commands/undeploy.ts"),
  },
  {
    name: "plan",
    summary: "draw a plan, compare two, or export one for docker stack, Compose or Kubernetes",
    load: () => import("./commands/plan.ts"),
  },
  {
    name: "workloads",
    summary: "build the images of the bundled workloads, and list what sizes their work",
    load: () => import("./commands/workloads.ts"),
  },
  {
    name: "launch",
    summary: "launch workloads on one node of a Swarm, slot by slot",
    endsItself: true,
    load: () => import("./commands/launch.ts"),
  },
  {
    name: "terminate",
    summary: "remove what was launched",
    endsItself: true,
    load: () => import("./commands/terminate.ts"),
  },
  {
    name: "verify",
    summary: "deploy plans, measure them under load, and compare with the predictions",
    endsItself: true,
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "load",
    summary: "load web services, and measure requests per second and latencies",
    endsItself: true,
    load: () => import("./commands/load.ts"),
  },
  {
    name: "cluster",
    summary: "make machines one Swarm by ssh, or take them out of it",
    endsItself: true,
    load: () => import("./commands/cluster.ts"),
  },
  {
    name: "lab",
    summary: "bring up a Swarm of several engines on this machine, to try things out",
    endsItself: true,
    load: () => import("./commands/lab.ts"),
  },
  {
    name: "demo",
    summary: "serve the demo to a browser on this machine",
    endsItself: true,
    load: () => import("./commands/demo.ts"),
  },
  {
    name: "datasets",
    summary: "list, show and export the bundled profiles and demands",
    load: () => import("./commands/datasets.ts"),
  },
  {
    name: "completions",
    summary: "print a completion script for bash, zsh or fish",
    needsAll: true,
    load: () => import("./commands/completions.ts"),
  },
];
