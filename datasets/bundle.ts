import { writeDemandsCsv, writeProfileCsv } from "../profiles/mod.ts";
import { synthesizeDemands, synthesizeProfile } from "./synthesize.ts";
import { PAPER_WORKLOADS } from "./workloads.ts";

/** The bundled files as the generator makes them: file name to text. Takes some milliseconds. */
export function bundleFiles(): Map<string, string> {
  const apps = PAPER_WORKLOADS.map(({ name }) => name);
  const files = new Map<string, string>();
  const profile = synthesizeProfile({
    apps: PAPER_WORKLOADS,
    capacity: 8,
    rows: 600,
    noise: 0.03,
    seed: 7,
  });
  files.set("synthetic-7x8.csv", writeProfileCsv(profile));
  for (const containers of [200, 300, 400]) {
    const demands = synthesizeDemands(apps.length, containers, 30, containers);
    files.set(`synthetic-demands-${containers}.csv`, writeDemandsCsv({ apps, demands }));
  }
  return files;
}
