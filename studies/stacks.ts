/**
 * Stacks on real engines, by Metis and by `docker stack deploy`: a voting app whose containers are released while a client votes,
 * and three hundred containers at once.
 * @module
 */
import { UsageError } from "../domain/mod.ts";
import { importEverywhere } from "../swarm/lab/images.ts";
import type { LabPlan } from "../swarm/lab/layout.ts";
import { ended, onLab, testImage, whyNoLab } from "../swarm/testing/_lab.ts";
import { type LabSwarm, until } from "../swarm/testing/_lab_swarm.ts";
import { VotingLab } from "../swarm/testing/_voting.ts";
import type { Study, StudySetting, StudyTable } from "./common/study.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-stacks",
  subnet: "10.86.0",
  nodes: 3,
  slots: 100,
};
const STACK = "shop";
/** Containers of each of two apps on each node. */
const MANY = 50;
const IMAGE = "metis-test:1";
/** No deployment takes longer, in milliseconds. */
const LONGEST_MS = 1_000_000;

/** The study `stacks`. */
export const study: Study = {
  summary: "stacks on real engines, by Metis and by docker stack deploy (METIS_LAB=1, root)",
  takes: { all: "ten minutes", quick: "three minutes" },
  needsData: { all: false, quick: false },
  cases: ["release", "many"],
  run: async (setting) => {
    const reason = whyNoLab();
    if (reason !== null) throw new UsageError(`The study stacks needs a lab: ${reason}`);
    const { only, quick } = setting;
    const wanted = only.length > 0 ? only : quick ? ["release"] : study.cases;
    return await onLab(LAB, async (folder) => {
      const tables: StudyTable[] = [];
      setting.tell("a lab of three nodes comes up");
      const lab = await VotingLab.up(LAB, folder);
      try {
        if (wanted.includes("release")) tables.push(await releases(lab, setting));
        if (wanted.includes("many")) tables.push(await many(lab, setting));
      } finally {
        lab.engine.close();
      }
      return tables;
    });
  },
};

/** Who deploys a stack file. @returns Whether it came to an end that it calls good. */
type Deployer = (file: string) => Promise<boolean>;

function deployers(lab: LabSwarm, plan: string): [name: string, deploy: Deployer][] {
  return [
    ["Metis", async (file) => {
      const how = ["--stack", STACK, "--services", file, "--timeout", "900"];
      return (await ended(lab.start("deploy", plan, ...how), LONGEST_MS)).code === 0;
    }],
    ["docker stack deploy", (file) => lab.dockerDeploy(file, STACK, { waits: true })],
  ];
}

async function timed(work: () => Promise<boolean>): Promise<{ seconds: number; isGood: boolean }> {
  const began = performance.now();
  const isGood = await work();
  return { seconds: (performance.now() - began) / 1000, isGood };
}

/** How vote is released, and whether the release can run. */
const RELEASES: readonly [words: string, vote: object][] = [
  ["start first, one after the other", {}],
  ["nothing said of updates", { deploy: { replicas: 3, endpoint_mode: "dnsrr" } }],
  ["start first, and it ends after a second", { command: ["sh", "-c", "sleep 1; exit 1"] }],
];

async function releases(lab: VotingLab, { tell }: StudySetting): Promise<StudyTable> {
  const plan = await lab.plan([[1, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 0]]);
  const rows: string[][] = [];
  for (const [words, vote] of RELEASES) {
    for (const [name, deploy] of deployers(lab, plan)) {
      const first = await timed(async () =>
        await deploy(await lab.serve("one", words.endsWith("second") ? {} : vote))
      );
      await until(async () => (await lab.tally() ?? 0) > 20);
      const before = await lab.counts();
      const { seconds, isGood } = await timed(async () =>
        await deploy(await lab.serve("two", vote))
      );
      const { asked, again, lost, silence, release } = await lab.counts();
      const end = isGood ? "released" : `refused, ${release} answers`;
      const figures = [asked - before.asked, again - before.again, lost - before.lost];
      rows.push([
        ...[words, name, first.seconds.toFixed(0), seconds.toFixed(0), end],
        ...figures.map(String),
        silence.toFixed(1),
      ]);
      tell(rows.at(-1)!.join(", "));
      await lab.removeStack(STACK);
    }
  }
  return {
    title: "A release of three containers while a client votes by name",
    columns: [
      { title: "release" },
      { title: "by" },
      { title: "first deployment, seconds", isNumber: true },
      { title: "release, seconds", isNumber: true },
      { title: "in the end" },
      { title: "votes", isNumber: true },
      { title: "given again", isNumber: true },
      { title: "lost", isNumber: true },
      { title: "longest wait, seconds", isNumber: true },
    ],
    rows,
  };
}

async function many(lab: VotingLab, { tell }: StudySetting): Promise<StudyTable> {
  await importEverywhere(LAB, await testImage(), IMAGE);
  const app = {
    image: IMAGE,
    command: ["sleep", "100000"],
    stop_grace_period: "1s",
    deploy: { replicas: MANY * LAB.nodes, endpoint_mode: "dnsrr" },
  };
  // Docker makes a network of 253 addresses, Metis a larger one where it needs more: both get the same.
  const networks = { default: { ipam: { config: [{ subnet: "10.200.0.0/20" }] } } };
  const file = `${lab.folder}/many.json`;
  await Deno.writeTextFile(file, JSON.stringify({ services: { web: app, db: app }, networks }));
  const plan = `${lab.folder}/many-plan.json`;
  const placement = lab.nodes.map(() => [MANY, MANY]);
  await Deno.writeTextFile(plan, JSON.stringify({ apps: ["web", "db"], placement }));
  const rows: string[][] = [];
  for (const [name, deploy] of deployers(lab, plan)) {
    const { seconds, isGood } = await timed(() => deploy(file));
    const held = Object.values(await lab.perNode(STACK));
    rows.push([name, seconds.toFixed(0), isGood ? "converged" : "not", held.join(" / ")]);
    tell(rows.at(-1)!.join(", "));
    await lab.removeStack(STACK);
  }
  return {
    title: `${2 * MANY * LAB.nodes} containers at once on three engines of one machine`,
    columns: [
      { title: "by" },
      { title: "seconds", isNumber: true },
      { title: "in the end" },
      { title: "containers on n1 / n2 / n3" },
    ],
    rows,
  };
}
