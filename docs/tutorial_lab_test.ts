/**
 * tutorial.md from its first command to its last, on real engines in a lab of its own: what is added to its commands
 * is where the lab lies, and short times for measurements. Its images are made here under the names that it uses.
 * @module
 */
import assert from "node:assert/strict";
import { labEngine } from "../swarm/lab/engines.ts";
import { importEverywhere } from "../swarm/lab/images.ts";
import { labNodes, type LabPlan } from "../swarm/lab/layout.ts";
import { ended, labTest, testImage } from "../swarm/testing/_lab.ts";
import { blocksOf, commandsOf } from "../tools/_docs.ts";
import { root } from "../tools/_process.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-tutorial",
  subnet: "10.81.0",
  nodes: 3,
  slots: 4,
};
const main = decodeURIComponent(new URL("cli/main.ts", root).pathname);
const LOAD = ["--warm-up", "0.2", "--duration", "0.5", "--wait", "0..0", "--generator-realtime"];
/** What is added to commands, by their first words. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  "lab up": ["--directory", LAB.directory, "--subnet", LAB.subnet],
  "lab status": ["--directory", LAB.directory],
  "lab down": ["--directory", LAB.directory],
  profile: [
    "--no-one-at-a-time",
    "--max-spread",
    "0.9",
    "--repeats",
    "1",
    ...LOAD,
  ],
  verify: ["--no-one-at-a-time", "--attempts", "6", "--repeats", "1", ...LOAD],
  deploy: ["--monitor", "1"],
};

labTest("the tutorial works as it is written", LAB, async (_, folder) => {
  await follow(await Deno.readTextFile(new URL("docs/tutorial.md", root)), folder);
});

async function follow(page: string, folder: string): Promise<void> {
  const ran: string[] = [];
  const services: string[] = [];
  for (const { file, language, code } of blocksOf(page)) {
    if (file !== null) await Deno.writeTextFile(`${folder}/${file}`, code);
    for (const [, image] of code.matchAll(/^ +image: (\S+)$/gm)) services.push(image!);
    if (services.length > 0 && file !== null) await buildImages(services.splice(0));
    if (language !== "sh") continue;
    for (const words of commandsOf(code)) {
      const name = words[0] === "lab" ? `lab ${words[1]}` : words[0]!;
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", main, ...words, ...ADDED[name] ?? []],
        cwd: folder,
        env: { NO_COLOR: "1", DOCKER_HOST: `unix://${labNodes(LAB)[0]!.socket}` },
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const { code: status, output, talk } = await ended(child);
      assert.equal(status, 0, `metis ${words.join(" ")}: ${output}\n${talk}`);
      ran.push(name);
    }
  }
  const needed = ["lab up", "profile", "schedule", "verify", "deploy", "status", "undeploy"];
  assert.deepEqual(needed.filter((name) => !ran.includes(name)), [], "commands that were not run");
}

/** Busybox serving a page on port 80, under the names that stand in the services file. */
async function buildImages(references: readonly string[]): Promise<void> {
  await importEverywhere(LAB, await testImage(), "metis-test:1");
  const context = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${context}/Dockerfile`,
      'FROM metis-test:1\nCMD ["httpd", "-f", "-p", "80", "-h", "/www"]\n',
    );
    const tar = await new Deno.Command("tar", { args: ["-C", context, "-c", "."] }).output();
    for (const node of labNodes(LAB)) {
      const engine = await labEngine(node);
      for (const reference of references) await engine.buildImage(tar.stdout, { reference });
      engine.close();
    }
  } finally {
    await Deno.remove(context, { recursive: true });
  }
}
