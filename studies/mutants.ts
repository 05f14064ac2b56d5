/**
 * Mutated input: each reader is given mutants of sound files, which it refuses cleanly, or reads without a loss
 * (docs/design/inputs.md).
 * @module
 */
import type { Study, StudyTable } from "./common/study.ts";
import { READERS } from "./mutants/all.ts";
import { type Fault, type Tally, tryMutants } from "./mutants/reader.ts";

/** Mutants of a seed, as many as deno task test:all tries: fifty seeds are a million. */
const OF_A_SEED = 20_000;
const QUICK = 2_000;
/** Mutants between two lines that tell how far it is. */
const AT_ONCE = 20_000;
/** Failures of a reader that are shown. */
const SHOWN = 5;

const COLUMNS = [
  { title: "reader" },
  ...["mutants", "accepted", "refused", "longest ms", "crashes", "silent"]
    .map((title) => ({ title, isNumber: true }) as const),
];

/** A failure as a line: the number makes the mutant again. */
function describe({ reader, number, what }: Fault): string {
  return `${reader}, mutant ${number}: ${what.split("\n")[0]!.slice(0, 300)}`;
}

/** The study. */
export const study: Study = {
  summary: "What readers make of mutated input: refused cleanly, or read without a loss",
  takes: { all: "two hours and a half", quick: "one minute" },
  needsData: { all: false, quick: false },
  cases: READERS.map(({ name }) => name),
  async run({ quick, seeds = 50, only, tell }): Promise<StudyTable[]> {
    const count = quick ? QUICK : seeds * OF_A_SEED;
    const rows: string[][] = [];
    for (const reader of READERS.filter(({ name }) => only.length === 0 || only.includes(name))) {
      let shown = 0;
      const show = (fault: Fault) => shown++ < SHOWN && tell(describe(fault));
      const all: Tally = {
        ...{ mutants: 0, accepted: 0, refused: 0, crashes: 0, silent: 0, longestMs: 0 },
      };
      for (let first = 0; first < count; first += AT_ONCE) {
        const some = await tryMutants(reader, first, Math.min(AT_ONCE, count - first), show);
        for (const key of ["mutants", "accepted", "refused", "crashes", "silent"] as const) {
          all[key] += some[key];
        }
        all.longestMs = Math.max(all.longestMs, some.longestMs);
        tell(`${reader.name}: ${all.mutants} of ${count}`);
      }
      rows.push([
        reader.name,
        ...[all.mutants, all.accepted, all.refused, Math.ceil(all.longestMs)].map(String),
        ...[all.crashes, all.silent].map(String),
      ]);
    }
    return [{ title: "Mutants by reader", columns: COLUMNS, rows }];
  },
};
