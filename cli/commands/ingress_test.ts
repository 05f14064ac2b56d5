/**
 * One address for an app: a proxy beside what a plan places, on a scripted Swarm and on a real one with Debian's HAProxy.
 * @module
 */
import assert from "node:assert/strict";
import { FakeSwarm } from "../../swarm/testing/_fake_engine.ts";
import { memoryContext } from "../_testing.ts";
import { STACK_FILES } from "./_stack_files.ts";
import { command as deployCommand } from "./deploy.ts";
import { command as statusCommand } from "./status.ts";

const SERVICES = (web: object, more: object = {}) =>
  JSON.stringify({ services: { web: { image: "web:1", ...web }, db: { image: "db:1" }, ...more } });

function swarmOf() {
  const swarm = new FakeSwarm(["n1", "n2", "n3"]);
  const connect = () => Promise.resolve(swarm.client());
  const run = async (make: typeof deployCommand, services: string, ...args: string[]) => {
    const context = memoryContext({ files: { ...STACK_FILES, "stack.json": services } });
    const given = ["plan.json", "--nodes", "n1,n2,n3", "--services", "stack.json", ...args];
    await make(context, connect).parseAsync(given, { from: "user" });
    return { output: context.output(), talk: context.talk() };
  };
  const specOf = (name: string) =>
    [...swarm.services.values()].find(({ Spec }) => Spec.Name === `metis_${name}`)!.Spec;
  return { run, specOf, swarm };
}

Deno.test("a proxy has the ingress ports of an app, whose containers publish none then", async () => {
  const { run, specOf, swarm } = swarmOf();
  const services = SERVICES({
    ports: ["80:8080", { target: 9000, published: 9000, mode: "host" }],
  });
  const proxied = ["--ingress-proxy", "haproxy:3"];
  // Two containers of web on a node cannot both have port 80 of it.
  const alone = SERVICES({ ports: ["80:8080"] });
  await assert.rejects(
    run(deployCommand, alone, "--monitor", "0"),
    /publishes 80\/tcp.*--ingress-proxy/,
  );
  const { talk } = await run(deployCommand, alone, ...proxied, "--monitor", "0");
  assert.doesNotMatch(talk, /ports/);
  assert.equal(specOf("web-n1").EndpointSpec?.Ports, undefined);
  const proxy = specOf("web-ingress");
  assert.deepEqual(proxy.EndpointSpec?.Ports, [
    { Protocol: "tcp", TargetPort: 8080, PublishedPort: 80, PublishMode: "host" },
  ]);
  assert.deepEqual(proxy.Mode, { Global: {} });
  const networks = (name: string) =>
    (specOf(name).TaskTemplate.Networks as { Target: string }[]).map(({ Target }) => Target);
  assert.deepEqual(networks("web-ingress"), networks("web-n1"));
  const config = [...swarm.configs].find(([name]) => name.includes("ingress"))![1];
  const text = new TextDecoder().decode(Uint8Array.fromBase64(`${config.Spec.Data}`));
  assert.match(text, /bind :8080\n.*\n {2}server-template web 255 web:8080 check/);

  const seen = await run(statusCommand, alone, ...proxied, "--json");
  assert.equal(JSON.parse(seen.output).healthy, true);
  const again = await run(deployCommand, alone, ...proxied, "--monitor", "0", "--json");
  assert.equal(JSON.parse(again.output).changed, 0);
  // A port of each node stays as it was asked for.
  await assert.rejects(run(deployCommand, services, ...proxied), /publishes 9000\/tcp/);
});

Deno.test("what no proxy can do is refused by name", async () => {
  const { run } = swarmOf();
  const args = ["--ingress-proxy", "haproxy:3"];
  await assert.rejects(
    run(deployCommand, SERVICES({ ports: ["53:53/udp"] }), ...args),
    /services\.web\.ports: a proxy takes tcp, not udp: publish 53\/udp by `mode: host`/,
  );
  const taken = SERVICES({ ports: ["80:80"] }, { "web-ingress": { image: "other:1" } });
  await assert.rejects(
    run(deployCommand, taken, ...args),
    /web-ingress: the proxy of web has this/,
  );
});
