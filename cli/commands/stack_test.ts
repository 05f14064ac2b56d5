import assert from "node:assert/strict";
import { runCli } from "../run.ts";
import { memoryContext } from "../_testing.ts";

async function check(line: string, files: Record<string, string>) {
  const context = memoryContext({ args: ["stack", "check", ...line.split(" ")], files });
  const code = await runCli(context);
  return { code, output: context.output(), talk: context.talk() };
}

const BAD = `
services:
  web:
    image: nginx:1
    gpus: all
    mem_limit: 64m
    ports: ["8080:99999"]
    build: .
    deploy: { replicas: 3, resources: { limits: { cpus: lots } } }
  Bad name: { image: UPPER }
  db: { build: . }
networks: { n: { colour: red } }
configs: { c: { file: ./gone.conf } }
`;

Deno.test("stack check tells all refusals at once, and exits with 1", async () => {
  const { code, output } = await check("bad.yaml --json", { "bad.yaml": BAD });
  assert.equal(code, 1);
  const { taken, findings } = JSON.parse(output);
  assert.equal(taken, false);
  const refused = findings.filter(({ kind }: { kind: string }) => kind === "refused");
  assert.deepEqual(
    refused.map(({ service, key }: { service: string | null; key: string }) =>
      `${service ?? ""}:${key}`
    ).sort(),
    [
      ":configs.c",
      ":networks.n.colour",
      ":services.Bad name",
      "Bad name:image",
      "db:image",
      "web:deploy.resources.limits.cpus",
      "web:gpus",
      "web:mem_limit",
      "web:ports.0",
    ],
  );
  for (const { text } of refused) assert.notEqual(text, "");
  const decided = findings.filter(({ kind }: { kind: string }) => kind === "decided");
  assert.deepEqual(decided.map(({ key }: { key: string }) => key), ["deploy.replicas"]);
});

Deno.test("stack check exits with 0 where all is taken, and says what is ignored and what that means", async () => {
  const { code, output } = await check("a.yaml", {
    "a.yaml": "services: { web: { image: 'a:1', user: '${TAG}', privileged: true } }",
  });
  assert.equal(code, 0);
  assert.match(output, /ignored {2}a.yaml: services.web.privileged: Swarm gives no privileges/);
  assert.match(output, /the variable TAG is not set: it is empty/);
});

Deno.test("several files are one stack: what the second adds and replaces counts", async () => {
  const files = {
    "a.yaml": "services: { web: { image: 'a:1', networks: [n] } }\nnetworks: { n: }",
    "b.yaml": "services: { web: { environment: [A=1] }, db: { image: 'b:1' } }",
  };
  const { code, output } = await check("a.yaml b.yaml --json", files);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(output).services, ["web", "db"]);
  // Alone, the second has no image.
  assert.equal((await check("b.yaml", files)).code, 1);
});

Deno.test("deploy refuses a stack file in the words of stack check", async () => {
  const files = {
    "bad.yaml": BAD,
    "plan.json": JSON.stringify({ apps: ["web"], placement: [[1]] }),
  };
  const context = memoryContext({
    args: "deploy plan.json --services bad.yaml".split(" "),
    files,
  });
  assert.equal(await runCli(context), 1);
  const { output } = await check("bad.yaml --json", files);
  const first = JSON.parse(output).findings.find(({ kind }: { kind: string }) =>
    kind === "refused"
  );
  assert.ok(context.talk().includes(first.text), context.talk());
  assert.match(context.talk(), /and 8 more: `metis stack check` says all/);
});

Deno.test("each file that operators tried and Metis refused is taken", async () => {
  const taken: Record<string, string> = {
    "a variable passed on":
      "services: { db: { image: 'bb:1', environment: [FOO, 'BAR=${BARX:-x}'] } }",
    "an ingress port":
      "services: { db: { image: 'bb:1', ports: [{ target: 80, published: 8080, mode: ingress }] } }",
    "a network under another name":
      "services: { db: { image: 'bb:1', networks: [n] } }\nnetworks: { n: { external: true, name: prod_net } }",
    "a volume with options of its driver":
      "services: { db: { image: 'bb:1', volumes: ['d:/data:nocopy'] } }\n" +
      "volumes: { d: { driver: local, driver_opts: { type: nfs, o: 'addr=1.2.3.4', device: ':/x' } } }",
    "a global service":
      "services: { db: { image: 'bb:1' }, all: { image: 'bb:1', deploy: { mode: global } } }",
    "a volume of others":
      "services: { db: { image: 'bb:1', volumes: ['data:/data'] } }\nvolumes: { data: { external: true, name: prod-pg-data } }",
  };
  for (const [name, text] of Object.entries(taken)) {
    const { code, output } = await check("a.yaml", { "a.yaml": text });
    assert.equal(code, 0, `${name}: ${output}`);
  }
});
