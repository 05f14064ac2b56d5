/**
 * `deno task study [NAME] [--quick] [--seeds N] [--only CASE,CASE] [--json]`: makes the tables of docs/ again, as Markdown
 * or JSON on standard output. Without a name it lists the studies. A study is a file of studies/.
 * @module
 */
import { parseArgs } from "node:util";
import { MetisError, suggest, UsageError } from "../domain/mod.ts";
import { findReferenceFolder, REMEDY } from "../reference/folder.ts";
import { markdownTable, type Study } from "../studies/common/study.ts";

const FOLDER = new URL("../studies/", import.meta.url);

/** Names of the studies, in the order of the alphabet. */
export function studyNames(): string[] {
  return [...Deno.readDirSync(FOLDER)]
    .filter(({ isFile, name }) => isFile && /^[a-z]+\.ts$/.test(name))
    .map(({ name }) => name.slice(0, -3))
    .sort();
}

/** @throws {UsageError} where there is no study of this name. */
export async function loadStudy(name: string): Promise<Study> {
  const names = studyNames();
  if (!names.includes(name)) {
    throw new UsageError(`There is no study ${name}${suggest(name, names)}: ${names.join(", ")}`);
  }
  const { study } = await import(new URL(`${name}.ts`, FOLDER).href) as { study: Study };
  return study;
}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parsed(args);
  const [name, ...others] = positionals;
  if (others.length > 0) throw new UsageError(`One study at a time: got ${positionals.join(" ")}`);
  if (name === undefined) return await list();
  const study = await loadStudy(name);
  const quick = values.quick === true;
  const only = values.only?.split(",") ?? [];
  const unknown = only.find((each) => !study.cases.includes(each));
  if (unknown !== undefined) {
    const known = study.cases.length === 0 ? "takes none" : `has ${study.cases.join(", ")}`;
    throw new UsageError(`--only: the study ${name} has no case ${unknown}: it ${known}`);
  }
  const seeds = values.seeds === undefined ? undefined : Number(values.seeds);
  if (seeds !== undefined && !(Number.isInteger(seeds) && seeds >= 1)) {
    throw new UsageError(`--seeds must be a whole number of at least 1: got ${values.seeds}`);
  }
  const needed = quick ? study.needsData.quick : study.needsData.all;
  if (needed && only.length === 0 && findReferenceFolder() === null) {
    throw new UsageError(`The study ${name} needs the 2020 data: ${REMEDY}`);
  }
  const takes = quick ? study.takes.quick : study.takes.all;
  console.error(`${name}: ${study.summary}; about ${takes} on one idle core`);
  const tell = (line: string) => console.error(`  ${line}`);
  const setting = { quick, only, tell, ...(seeds === undefined ? {} : { seeds }) };
  const tables = await study.run(setting);
  if (values.json) return console.log(JSON.stringify({ study: name, quick, tables }));
  for (const table of tables) console.log(`${table.title}\n\n${markdownTable(table)}`);
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        quick: { type: "boolean" },
        json: { type: "boolean" },
        seeds: { type: "string" },
        only: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

async function list(): Promise<void> {
  for (const name of studyNames()) {
    const { summary, takes } = await loadStudy(name);
    console.log(`${name.padEnd(12)} ${summary} (${takes.all}; --quick: ${takes.quick})`);
  }
}

if (import.meta.main) {
  try {
    await run(Deno.args);
  } catch (error) {
    if (!(error instanceof MetisError)) throw error;
    console.error(`study: ${error.message}`);
    Deno.exit(error instanceof UsageError ? 2 : 1);
  }
}
