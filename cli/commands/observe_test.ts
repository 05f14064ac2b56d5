/**
 * `metis observe` on Debian's Prometheus, which is given two hours of a stack's past.
 * @module
 */
import assert from "node:assert/strict";
import { readProfile } from "../../profiles/mod.ts";
import { startPrometheus, whyNoPrometheus } from "../../swarm/testing/_prometheus.ts";
import { memoryContext } from "../_testing.ts";
import { command as fitCommand } from "./fit.ts";
import { command } from "./observe.ts";

const CONFIG = "global: { scrape_interval: 15s }\n";
const BEGAN = 1_700_000_000;
const MINUTES = 30;
/** What n1 holds in turn, and the milliseconds of a request of web and of db then. */
const PAST = [
  { counts: { web: 1 }, web: 20, db: NaN },
  { counts: { db: 1 }, web: NaN, db: 50 },
  { counts: { web: 1, db: 1 }, web: 40, db: 55 },
  { counts: { web: 2, db: 1 }, web: 50, db: 60 },
];

/** The past as OpenMetrics, of the counters that containers serve and of Prometheus' own `up`. */
function past(): string {
  const lines = { up: "", count: "", sum: "" };
  let at = BEGAN;
  for (const [period, { counts, ...milliseconds }] of PAST.entries()) {
    const requests = 10;
    for (let look = 0; look <= MINUTES * 4; look++, at += 15) {
      for (const [app, count] of Object.entries(counts)) {
        for (let container = 0; container < count; container++) {
          const labels =
            `{stack="shop",app="${app}",node="n1",container="${app}${period}${container}"}`;
          const answered = look * 15 * requests;
          const seconds = answered * milliseconds[app as "web" | "db"] / 1000;
          lines.up += `up${labels} 1 ${at}\n`;
          lines.count += `metis_request_seconds_count${labels} ${answered} ${at}\n`;
          lines.sum += `metis_request_seconds_sum${labels} ${seconds} ${at}\n`;
        }
      }
    }
    // Long enough for Prometheus to take what it no longer sees for gone.
    at += 600;
  }
  return `# TYPE up gauge\n${lines.up}# TYPE metis_request_seconds_count unknown\n${lines.count}` +
    `# TYPE metis_request_seconds_sum unknown\n${lines.sum}# EOF\n`;
}

const reason = whyNoPrometheus();

Deno.test({
  name: `observe learns from Debian's Prometheus a profile that fit takes${
    reason === null ? "" : ` (${reason})`
  }`,
  ignore: reason !== null,
  fn: async () => {
    await using prometheus = await startPrometheus(CONFIG, past());
    const until = BEGAN + 4 * (MINUTES * 60 + 600);
    const given = [
      ...["--stack", "shop", "--out", "profile.csv", "--last", "3h"],
      ...["--until", new Date(until * 1000).toISOString()],
    ];
    const context = memoryContext();
    await command(context).parseAsync(
      ["--prometheus", prometheus.url, ...given, "--json", "--suggest"],
      { from: "user" },
    );
    const said = JSON.parse(context.output());
    assert.deepEqual(said.neverAlone, []);
    assert.deepEqual(said.neverTogether, [["db", "db"]]);
    assert.equal(said.configurations, 4);
    const bytes = new TextEncoder().encode(context.files.get("profile.csv") as string);
    const { profile } = await readProfile(bytes, "profile.csv");
    assert.deepEqual(profile.apps, ["db", "web"]);
    const rows = Array.from({ length: 4 }, (_, row) => [
      ...profile.counts.subarray(2 * row, 2 * row + 2),
      ...[...profile.rps.subarray(2 * row, 2 * row + 2)].map((value) => Number(value.toFixed(3))),
    ]);
    assert.deepEqual(rows, [
      [0, 1, NaN, 1],
      [1, 0, 1, NaN],
      [1, 1, Number((50 / 55).toFixed(3)), 0.5],
      [1, 2, Number((50 / 60).toFixed(3)), 0.4],
    ]);
    assert.ok([...profile.measurements!].every((count) => count > 20));
    await fitCommand(context).parseAsync(["--profile", "profile.csv"], { from: "user" });

    const wrong = (args: string[]) => command(memoryContext()).parseAsync(args, { from: "user" });
    await assert.rejects(
      wrong(["--prometheus", prometheus.url, ...given, "--stack", "other"]),
      /knows no container of the stack other in that time/,
    );
    const secret = prometheus.url.replace("http://", "http://me:secret@") + "/nothing";
    await assert.rejects(
      wrong(["--prometheus", secret, ...given]),
      (error: Error) => /refused \(404\)/.test(error.message) && !/secret/.test(error.message),
    );
    const queries = { "q.yaml": "measure: rate\ncontainers: up{{\nrequests: up\n" };
    await assert.rejects(
      command(memoryContext({ files: queries })).parseAsync([
        ...["--prometheus", prometheus.url, ...given, "--query-file", "q.yaml"],
      ], { from: "user" }),
      /the query for containers: refused \(400\): .*parse error/,
    );
  },
});

Deno.test("a Prometheus that is not there is told without user and password", async () => {
  const asked = async (user: string) => {
    const args = [
      "--prometheus",
      `http://${user}@127.0.0.1:1`,
      "--stack",
      "shop",
      "--out",
      "p.csv",
    ];
    await command(memoryContext()).parseAsync(args, { from: "user" });
  };
  for (const user of ["me:secret", "me:pä€ss"]) {
    await assert.rejects(asked(user), {
      message:
        "http://127.0.0.1:1: the query for containers: nothing answers there: check the address, and that Prometheus runs",
    });
  }
  await assert.rejects(asked("me:%E0%A4%A"), {
    name: "InputError",
    message: "--prometheus: write a % in its user or password as %25",
  });
});
