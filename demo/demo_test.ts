/** Debian's, as _browser.ts starts it. */
const CHROMIUM = "/usr/bin/chromium";

/** Names of checks to run alone: `METIS_DEMO_CHECKS=drag,phone`. */
const ONLY = (Deno.env.get("METIS_DEMO_CHECKS") ?? "").split(",").filter((word) => word !== "");

const missing = await Deno.stat(CHROMIUM).then(() => null, () => `there is no ${CHROMIUM}`);

Deno.test({
  name: `The demo works in Chromium${missing === null ? "" : ` (skipped: ${missing})`}`,
  ignore: missing !== null,
  async fn(t) {
    const script = decodeURIComponent(new URL("_checks.ts", import.meta.url).pathname);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-all", script, ...ONLY],
      stdout: "piped",
    }).spawn();
    let checked = 0;
    for await (const { name, error } of reports(child.stdout)) {
      checked++;
      await t.step(name, () => {
        if (error !== null) throw new Error(error);
      });
    }
    const { code } = await child.status;
    if (code !== 0 || checked === 0) throw new Error(`The checks ended with code ${code}`);
  },
});

/** What each check said, as it says it. */
async function* reports(
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<{ readonly name: string; readonly error: string | null }> {
  let rest = "";
  for await (const text of stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}
