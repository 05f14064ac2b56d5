/**
 * Thirty containers move on three real engines while a client asks for them: beside Swarm's own rolling update, killed at
 * ten moments, and kept by a watch while a node goes away and comes back.
 * @module
 */
import { UsageError } from "../domain/mod.ts";
import type { ServiceBody } from "../swarm/engine/engine.ts";
import { crashNode, startEngine } from "../swarm/lab/engines.ts";
import { type LabPlan, SLOTS_LABEL } from "../swarm/lab/layout.ts";
import { APP_LABEL, STACK_LABEL } from "../swarm/services/spec.ts";
import { ended, onLab, whyNoLab } from "../swarm/testing/_lab.ts";
import {
  type Answers,
  Client,
  MOVING_APPS,
  MOVING_COMMAND,
  MOVING_IMAGE,
  MovingLab,
} from "../swarm/testing/_moving.ts";
import { until } from "../swarm/testing/_lab_swarm.ts";
import { readHistory } from "../swarm/watch/history.ts";
import type { Study, StudySetting, StudyTable } from "./common/study.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-moving",
  subnet: "10.83.0",
  nodes: 3,
  slots: 16,
};
/** Containers of each app on each node: before the third node is there, and with it. */
const UNEVEN = [[8, 7], [7, 8], [0, 0]];
const EVEN = [[5, 5], [5, 5], [5, 5]];
const CONTAINERS = 30;
/** Containers that move at once, whoever moves them. */
const AT_ONCE = 4;
const KILLS = 10;
/** Seconds of the watch. */
const WATCHED = 600;
const SETTLE = 20;

/** The study `moving`. */
export const study: Study = {
  summary:
    "containers that move on real engines under load, killed and watched (METIS_LAB=1, root)",
  takes: { all: "twenty minutes, half of it waiting", quick: "three minutes" },
  needsData: { all: false, quick: false },
  cases: ["rebalance", "kill", "watch"],
  run: async (setting) => {
    const reason = whyNoLab();
    if (reason !== null) throw new UsageError(`The study moving needs a lab: ${reason}`);
    const { only, quick } = setting;
    const wanted = only.length > 0 ? only : quick ? ["rebalance"] : study.cases;
    return await onLab(LAB, async (folder) => {
      setting.tell("a lab of three nodes comes up");
      const lab = await MovingLab.up(LAB, folder);
      try {
        const tables: StudyTable[] = [];
        if (wanted.includes("rebalance")) tables.push(await rebalance(lab, setting));
        if (wanted.includes("kill")) tables.push(await kill(lab, setting));
        if (wanted.includes("watch")) tables.push(...await watch(lab, setting));
        return tables;
      } finally {
        lab.engine.close();
      }
    });
  },
};

async function deploy(lab: MovingLab, placement: readonly (readonly number[])[]): Promise<void> {
  await lab.metis(...await deployment(lab, placement));
}

async function deployment(
  lab: MovingLab,
  placement: readonly (readonly number[])[],
): Promise<string[]> {
  const nodes = lab.nodes.map(({ name }) => name).join(",");
  const how = [...lab.how, "--parallelism", `${AT_ONCE}`, "--nodes", nodes];
  return ["deploy", await lab.plan(placement), ...how];
}

const sizes = (placement: readonly (readonly number[])[]): string =>
  placement.map((row) => row.reduce((sum, count) => sum + count, 0)).join(" / ");

/** Containers on each node. */
const held = async (lab: MovingLab, stack?: string): Promise<string> =>
  Object.values(await lab.perNode(stack)).join(" / ");

/** Ids of the tasks of a stack that run. */
async function running({ engine }: MovingLab, stack: string): Promise<Set<string>> {
  const tasks = await engine.tasks({ [STACK_LABEL]: stack });
  return new Set(
    tasks.flatMap(({ ID, Status, DesiredState }) =>
      Status.State === "running" && DesiredState === "running" ? [ID] : []
    ),
  );
}

const asked = ({ asked, turnedAway, lost }: Answers): string[] => [
  `${asked}`,
  `${turnedAway}`,
  `${lost}`,
];
const ASKED = [
  { title: "requests", isNumber: true },
  { title: "answered by the next container", isNumber: true },
  { title: "lost", isNumber: true },
] as const;

/** The same rebalance by Metis and by Swarm. */
async function rebalance(lab: MovingLab, { tell }: StudySetting): Promise<StudyTable> {
  const rows: string[][] = [];
  const measure = async (name: string, stack: string, change: () => Promise<void>) => {
    const before = await running(lab, stack);
    const from = await held(lab, stack);
    const client = new Client(lab, stack);
    const began = performance.now();
    await change();
    const seconds = (performance.now() - began) / 1000;
    const answers = await client.end();
    const started = [...await running(lab, stack)].filter((id) => !before.has(id)).length;
    const to = await held(lab, stack);
    rows.push([name, `${from} to ${to}`, `${started}`, seconds.toFixed(0), ...asked(answers)]);
    tell(rows.at(-1)!.join(", "));
  };
  await deploy(lab, UNEVEN);
  await measure("Metis, in stages", "metis", () => deploy(lab, EVEN));
  await lab.metis("undeploy");
  const stack = "plain";
  await lab.setNode("n3", { Availability: "pause" });
  for (const app of MOVING_APPS) await lab.engine.createService(plainService(app, 0));
  await until(async () => (await running(lab, stack)).size === CONTAINERS, 300);
  await lab.setNode("n3", { Availability: "active" });
  await measure("Swarm's rolling update, start first", stack, async () => {
    const before = await running(lab, stack);
    for (const { ID, Version, Spec } of await lab.engine.services({ [STACK_LABEL]: stack })) {
      const app = MOVING_APPS.find((name) => Spec.Name.endsWith(`_${name}`))!;
      await lab.engine.updateService(ID, Version.Index, plainService(app, 1));
    }
    await until(async () => {
      const now = await running(lab, stack);
      return now.size === CONTAINERS && before.isDisjointFrom(now);
    }, 900);
  });
  for (const { ID } of await lab.engine.services({ [STACK_LABEL]: stack })) {
    await lab.engine.removeService(ID);
  }
  return {
    title: "A node joins: thirty containers are rebalanced",
    columns: [
      { title: "by" },
      { title: "containers on n1 / n2 / n3" },
      { title: "started", isNumber: true },
      { title: "seconds", isNumber: true },
      ...ASKED,
    ],
    rows,
  };
}

/** A service as `docker service create --update-order start-first` makes it. @param update What `--force` counts up. */
function plainService(app: string, update: number): ServiceBody {
  return {
    Name: `plain_${app}`,
    Labels: { [STACK_LABEL]: "plain" },
    TaskTemplate: {
      ContainerSpec: {
        Image: MOVING_IMAGE,
        Args: MOVING_COMMAND,
        StopGracePeriod: 1e9,
        Labels: { [APP_LABEL]: app },
      },
      ForceUpdate: update,
    },
    Mode: { Replicated: { Replicas: CONTAINERS / MOVING_APPS.length } },
    UpdateConfig: {
      Parallelism: AT_ONCE / MOVING_APPS.length,
      Order: "start-first",
      Monitor: 1e9,
      FailureAction: "pause",
    },
    EndpointSpec: {
      Mode: "dnsrr",
      Ports: [{ Protocol: "tcp", TargetPort: 8080, PublishMode: "host" }],
    },
  };
}

/** A deployment that is killed at ten moments, and the second run that goes on. */
async function kill(lab: MovingLab, { tell }: StudySetting): Promise<StudyTable> {
  await deploy(lab, UNEVEN);
  const { talk } = await lab.metis(...await deployment(lab, EVEN));
  const lines = talk.split("\n").length - 1;
  const rows: string[][] = [];
  for (let nth = 0; nth < KILLS; nth++) {
    const to = nth % 2 === 0 ? UNEVEN : EVEN;
    const words = await deployment(lab, to);
    const client = new Client(lab);
    const child = lab.start(...words);
    const after = Math.floor((nth + 0.5) / KILLS * lines);
    const isKilled = await killAfter(child, after);
    const left = `${await held(lab)}${isKilled ? "" : " (it had ended)"}`;
    const again = performance.now();
    await lab.metis(...words);
    const seconds = (performance.now() - again) / 1000;
    const answers = await client.end();
    const now = await held(lab);
    const end = now === sizes(to) ? now : `${now}, not ${sizes(to)}`;
    rows.push([`${nth + 1}`, `${after}`, left, seconds.toFixed(0), end, ...asked(answers)]);
    tell(rows.at(-1)!.join(", "));
  }
  return {
    title: `kill -9 at ten moments of a rebalance that prints ${lines} lines of progress`,
    columns: [
      { title: "kill", isNumber: true },
      { title: "after line", isNumber: true },
      { title: "containers then" },
      { title: "second run, seconds", isNumber: true },
      { title: "containers in the end" },
      ...ASKED,
    ],
    rows,
  };
}

/** Kills the command line when it has printed so many lines of progress. @returns False if it ended before that. */
async function killAfter(child: Deno.ChildProcess, lines: number): Promise<boolean> {
  let seen = 0;
  let isKilled = false;
  const read = async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      seen += text.split("\n").length - 1;
      if (seen < lines || isKilled) continue;
      child.kill("SIGKILL");
      isKilled = true;
    }
  };
  await Promise.all([read(), child.stdout.cancel(), child.status]);
  return isKilled;
}

/** What happens to the third node while it is watched: seconds, in words, and what does it. */
function happenings(lab: MovingLab): [number, string, () => Promise<void>][] {
  const node = lab.nodes[2]!;
  const away = () => crashNode(LAB, node);
  const back = () => startEngine(LAB, node);
  const set = (Availability: string) => () => lab.setNode(node.name, { Availability });
  return [
    [30, "n3 loses its power", away],
    [38, "n3 is back", back],
    [120, "n3 loses its power", away],
    [230, "n3 is back", back],
    [340, "n3 is drained", set("drain")],
    [350, "n3 is active", set("active")],
    ...[0, 30, 60].flatMap((more): [number, string, () => Promise<void>][] => [
      [420 + more, "n3 loses its power", away],
      [428 + more, "n3 is back", back],
    ]),
  ];
}

/** A watch that acts, for ten minutes. */
async function watch(lab: MovingLab, { tell }: StudySetting): Promise<StudyTable[]> {
  for (const { name } of lab.nodes) {
    await lab.setNode(name, { Labels: { [SLOTS_LABEL]: `${LAB.slots}` } });
  }
  await deploy(lab, EVEN);
  const journal = `${lab.folder}/watch.jsonl`;
  const client = new Client(lab);
  const began = Date.now();
  const child = lab.start(
    ...["watch", "--table", lab.table, ...lab.how, "--act", "--journal", journal, "--every", "2"],
    ...["--settle", `${SETTLE}`, "--hold", "300", "--moves-per-hour", "12"],
  );
  const rows: [number, string][] = [];
  const wait = (until: number) =>
    new Promise((resolve) => setTimeout(resolve, Math.max(0, began + 1000 * until - Date.now())));
  for (const [at, words, happen] of happenings(lab)) {
    await wait(at);
    await happen();
    rows.push([(Date.now() - began) / 1000, words]);
    tell(`${at} s: ${words}`);
  }
  await wait(WATCHED);
  child.kill("SIGINT");
  await ended(child);
  const answers = await client.end();
  for (const entry of readHistory(await Deno.readTextFile(journal), journal)) {
    const at = entry.at - began / 1000;
    if (entry.kind === "acts") {
      const started = entry.started.reduce((sum, { count }) => sum + count, 0);
      const what = `${started} start, ${entry.moves} of them by choice (${entry.why})`;
      rows.push([at, `**the watch acts**: ${what}`]);
    } else if (entry.kind === "done") {
      rows.push([at, `it is done in ${entry.seconds.toFixed(0)} s`]);
    } else if (entry.kind === "failed") rows.push([at, `it fails: ${entry.why}`]);
  }
  rows.push([WATCHED, `n1 / n2 / n3 hold ${await held(lab)}`]);
  return [
    {
      title: "Ten minutes of a watch",
      columns: [{ title: "second", isNumber: true }, { title: "what happens" }],
      rows: rows.sort(([a], [b]) => a - b).map(([at, words]) => [at.toFixed(0), words]),
    },
    {
      title: "What the client was answered meanwhile",
      columns: ASKED,
      rows: [asked(answers)],
    },
  ];
}
