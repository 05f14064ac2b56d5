import type { InterferenceModel } from "../domain/mod.ts";
import { describeConfiguration } from "../models/mod.ts";
import type { MeasurementNote } from "./active.ts";

/** Changes of RPS below this share are not worth a sentence. */
const WORTH_TELLING = 0.1;

/**
 * Normalised RPS of one container of an app beside `others` containers of another.
 * @returns Row per app that is disturbed, column per app that disturbs it; on the diagonal, others of its own kind.
 */
export function interferenceMatrix(model: InterferenceModel, others: number): number[][] {
  const { apps } = model;
  const width = apps.length;
  const counts = new Uint8Array(width ** 3);
  for (let app = 0; app < width; app++) {
    for (let other = 0; other < width; other++) {
      const first = (app * width + other) * width;
      counts[first + app]!++;
      counts[first + other]! += others;
    }
  }
  const rps = model.predict(counts, width * width);
  return apps.map((_, app) => apps.map((_, other) => rps[(app * width + other) * width + app]!));
}

/**
 * The pairs that help or harm each other, the strongest first, in words.
 * @param most Containers that fit beside one: capacity - 1.
 */
export function describePairs(model: InterferenceModel, most: number): string[] {
  const { apps } = model;
  const one = interferenceMatrix(model, 1);
  const many = interferenceMatrix(model, most);
  const told: { strength: number; text: string }[] = [];
  apps.forEach((name, app) =>
    apps.forEach((other, at) => {
      const help = one[app]![at]!;
      const harm = many[app]![at]!;
      const times = (value: number) => `${value.toFixed(value < 1 ? 2 : 1)} x`;
      if (help > 1 + WORTH_TELLING) {
        told.push({
          strength: Math.log(help),
          text: `${other} speeds ${name} up ${times(help)}`,
        });
      }
      if (harm < 1 - WORTH_TELLING && most > 1) {
        const subject = app === at
          ? `${most} more ${name} slow ${name}`
          : `${most} ${other} slow ${name}`;
        told.push({
          strength: -Math.log(Math.max(harm, 0.01)),
          text: `${subject} down to ${times(harm)}`,
        });
      }
    })
  );
  return told.sort((a, b) => b.strength - a.strength || (a.text < b.text ? -1 : 1))
    .map(({ text }) => text);
}

/** What was measured and why, what it taught, as Markdown. */
export function renderReport(report: {
  readonly title: string;
  readonly model: InterferenceModel;
  readonly capacity: number;
  readonly notes: readonly MeasurementNote[];
  readonly summary: readonly string[];
}): string {
  const { title, model, capacity, notes, summary } = report;
  const number = (value: number | null) => value === null ? "" : value.toFixed(3);
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const pairs = describePairs(model, Math.max(1, capacity - 1));
  return [
    `# ${title}`,
    "",
    ...summary.map((line) => `- ${line}`),
    "",
    "## Who helps and harms whom",
    "",
    ...(pairs.length > 0 ? pairs.map((line) => `- ${line}`) : ["No pair changes by 10 % or more."]),
    "",
    "## What was measured, and why",
    "",
    "Throughputs of a node in normalised RPS: expected before, with its deviation, and measured.",
    "",
    "| # | configuration | why | expected | deviation | measured |",
    "| ---: | --- | --- | ---: | ---: | ---: |",
    ...notes.map(({ counts, reason, expected, deviation, measured }, at) =>
      `| ${at + 1} | ${cell(describeConfiguration(model.apps, counts))} | ${reason} | ${
        number(expected)
      } | ${number(deviation)} | ${number(measured)} |`
    ),
    "",
  ].join("\n");
}
