/// <reference lib="dom" />
import { BUNDLED } from "../../mod.ts";
import { gainText, type Standing } from "../session/glance.ts";
import type { Session } from "../session/session.ts";
import { percentText } from "../session/words.ts";
import { byId, make, setText } from "./dom.ts";
import { secondsText } from "./figures.ts";
import { SHOWN_IN } from "./scatter_view.ts";

/** All schedulers: a table, the highest mean first. */
export function showGlance(session: Session): void {
  const { glance } = session;
  const run = byId<HTMLButtonElement>("run-all");
  const asked = byId("gain").textContent;
  run.addEventListener("click", () => {
    if (glance.running === null) session.runAll();
    else glance.stop();
  });
  session.changes.follow(["glance", "profile", "problem"], () => {
    const { standings, running, refusals } = glance;
    run.disabled = session.profile === null || session.excess > 0;
    setText(run, running === null ? "Run all" : "Stop");
    const refused = refusals.map(({ scheduler, why }) => `${scheduler}: ${why}`).join("; ");
    setText(byId("glance-state"), running === null ? refused : `${running}…`);
    setText(byId("gain"), running !== null || standings.length === 0 ? asked : gainText(standings));
    byId("standings").hidden = standings.length === 0;
    byId("standings").replaceChildren(standingsTable(session, standings));
    const best = running === null ? standings[0] : undefined;
    byId("go-on").hidden = best === undefined;
    if (best !== undefined) setText(byId("commands"), commandsOf(session, best.scheduler));
  });
}

function standingsTable(session: Session, standings: readonly Standing[]): HTMLElement {
  const heads = [
    "Scheduler",
    "Mean",
    "Expected (90 %)",
    "Worst app",
    "Worst container",
    "p99",
    "Measured",
    "Seconds",
  ];
  const rows = standings.map(
    ({ scheduler, mean, low, high, worst, worstApp, p99, measuredShare, seconds }) => {
      const name = make(
        "button",
        { type: "button", title: "Show it in the second panel" },
        scheduler,
      );
      name.addEventListener("click", () => session.setScheduler(SHOWN_IN, scheduler));
      const cells = [
        percentText(mean),
        low === null || high === null ? "–" : `${percentText(low)} to ${percentText(high)}`,
        worstApp === null ? "–" : `${percentText(worstApp.mean)} ${worstApp.app}`,
        worst === null ? "–" : percentText(worst),
        p99 === null ? "–" : `${p99.toFixed(0)} ms`,
        measuredShare === null ? "–" : percentText(measuredShare),
        secondsText(seconds),
      ];
      const row = make(
        "tr",
        {},
        make("th", { scope: "row" }, name),
        ...cells.map((text) => make("td", {}, text)),
      );
      row.title = `Mean ${mean}`;
      return row;
    },
  );
  return make(
    "table",
    {},
    make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", {}, ...rows),
  );
}

/** How to go on with a scheduler on the command line. */
function commandsOf(
  { profile, problem, seed, nodes, capacities, objective, floor }: Session,
  scheduler: string,
): string {
  const { file } = profile!;
  const isBundled = BUNDLED.some((one) => one.file === file);
  const source = isBundled ? `datasets/${file}` : file;
  const { demand } = problem;
  return [
    `metis schedule --profile ${quoted(source)} --nodes ${nodes} --capacity ${
      Math.max(...capacities)
    } \\`,
    `  --demand ${demand.join()} --scheduler ${scheduler} --seed ${seed}${
      objective === "throughput" ? "" : ` --objective ${objective}`
    }${floor === 0 ? "" : ` --floor ${floor}`} --out plan.json`,
    "metis deploy plan.json",
  ].join("\n");
}

function quoted(text: string): string {
  return /^[\w./=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
