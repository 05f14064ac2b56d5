import { printable } from "../../../domain/mod.ts";
import { type CliContext, wantsColor } from "../../context.ts";
import { sparkline } from "../../output/plots/sparkline.ts";
import { renderTable } from "../../output/table.ts";
import type { Estimate } from "../statistics.ts";
import type { PolicySummary } from "./report.ts";

/** Writes the policies as a table, and their throughput over time as lines of bars. */
export function printTraces(context: CliContext, summaries: readonly PolicySummary[]): void {
  const fixed = (one: Estimate | undefined, digits: number) =>
    one === undefined ? "-" : one.mean.toFixed(digits);
  context.stdout.write(renderTable<PolicySummary>(
    [
      { title: "Policy", align: "left", cell: ({ policy }) => printable(policy) },
      { title: "Moves allowed", align: "left", cell: ({ allowed }) => allowed },
      { title: "Mean throughput", align: "right", cell: ({ mean }) => fixed(mean, 4) },
      {
        title: "Gap",
        align: "right",
        cell: ({ gap }) => gap === undefined ? "-" : `${(100 * gap.mean).toFixed(2)} %`,
      },
      { title: "Worst app", align: "right", cell: ({ worstApp }) => fixed(worstApp, 4) },
      { title: "Moves", align: "right", cell: ({ moves }) => fixed(moves, 1) },
      { title: "Lost", align: "right", cell: ({ lost }) => fixed(lost, 1) },
      { title: "Seconds", align: "right", cell: ({ seconds }) => fixed(seconds, 2) },
    ],
    summaries,
    { width: context.stdout.columns, color: wantsColor(context, context.stdout) },
  ));
  const means = summaries.map(({ series }) =>
    series.flatMap(({ mean }) => mean === undefined ? [] : [mean.mean])
  );
  const all = means.flat();
  if (all.length === 0) return;
  const range = [Math.min(...all), Math.max(...all)] as const;
  const lines = summaries.map(({ policy }, at) =>
    `  ${sparkline(means[at]!, 48, range)}  ${printable(policy)}\n`
  );
  context.stdout.write(
    `\nMean throughput over ${summaries[0]!.series.at(-1)!.hours} hours, from ${
      range[0].toFixed(4)
    } to ${range[1].toFixed(4)}:\n${lines.join("")}`,
  );
}
