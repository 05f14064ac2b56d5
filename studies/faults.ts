/**
 * Faults of deployments: each kind of fault at each of its moments, on each kind of deployment, on the scripted engine
 * (docs/design/deployment.md).
 * @module
 */
import { cleanRun, type Ended, type Outcome, runCase } from "../swarm/testing/_fault_case.ts";
import { casesOf, FAULT_KINDS } from "../swarm/testing/_fault_kinds.ts";
import { DEPLOYMENT_KINDS } from "../swarm/testing/_fault_worlds.ts";
import type { Study, StudyTable } from "./common/study.ts";

/** The quick part: every so many cases. */
const QUICK_STEP = 20;
const OUTCOMES: readonly Outcome[] = [
  "converged",
  "as before",
  "named, goes on",
  "killed, goes on",
  "void",
];
/** Broken promises of a kind of deployment that are shown. */
const SHOWN = 5;

const number = (title: string) => ({ title, isNumber: true }) as const;

/** The study. */
export const study: Study = {
  summary: "What deployments come to that meet a fault, on the scripted engine",
  takes: { all: "three minutes", quick: "ten seconds" },
  needsData: { all: false, quick: false },
  cases: DEPLOYMENT_KINDS.map(({ name }) => name),
  async run({ quick, only, tell }): Promise<StudyTable[]> {
    const ended: { readonly deployment: string; readonly fault: string; readonly end: Ended }[] =
      [];
    for (const kind of DEPLOYMENT_KINDS) {
      if (only.length > 0 && !only.includes(kind.name)) continue;
      const clean = await cleanRun(kind);
      const cases = casesOf(kind, clean).filter((_, at) => !quick || at % QUICK_STEP === 0);
      let shown = 0;
      for (const one of cases) {
        const end = await runCase(one, clean);
        ended.push({ deployment: kind.name, fault: one.fault, end });
        if (end.broken.length === 0 || shown++ >= SHOWN) continue;
        tell(`${kind.name}, ${one.fault}, ${one.moment}: ${end.broken.join("; ")}`);
      }
      tell(`${kind.name}: ${cases.length} cases`);
    }
    const row = (name: string, ends: readonly Ended[]): string[] => [
      name,
      `${ends.length}`,
      ...OUTCOMES.map((outcome) => `${ends.filter((end) => end.outcome === outcome).length}`),
      `${ends.filter(({ broken }) => broken.length > 0).length}`,
    ];
    const figures = [number("cases"), ...OUTCOMES.map(number), number("broken")];
    const endsOf = (key: "fault" | "deployment", name: string) =>
      ended.filter((one) => one[key] === name).map(({ end }) => end);
    const all = ended.map(({ end }) => end);
    return [
      {
        title: "By kind of fault",
        columns: [{ title: "fault" }, ...figures, { title: "seen on real engines by" }],
        rows: [
          ...FAULT_KINDS.map(({ name, seen }) => [
            ...row(name, endsOf("fault", name)),
            seen === null ? "" : `\`${seen[0]}\` "${seen[1]}"`,
          ]),
          [...row("all", all), ""],
        ],
      },
      {
        title: "By kind of deployment",
        columns: [{ title: "deployment" }, ...figures, { title: "always answer, of each app" }],
        rows: [
          ...DEPLOYMENT_KINDS.map(({ name, promised }) => [
            ...row(name, endsOf("deployment", name)),
            promised.join(", "),
          ]),
          [...row("all", all), ""],
        ],
      },
    ];
  },
};
