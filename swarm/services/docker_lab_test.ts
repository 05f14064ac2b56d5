/**
 * The services that `docker stack deploy` makes on a real engine of a stack file, and those that Metis makes of it, must be
 * one thing, but for placement, names and labels. `METIS_LAB=1 METIS_STUDY=300 deno task test swarm/services/docker_lab_test.ts`
 * compares so many generated files.
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { labEngine } from "../lab/engines.ts";
import { labNodes, type LabPlan } from "../lab/layout.ts";
import { desiredServices, objectsOf } from "../deploy/target.ts";
import type { Engine } from "../engine/engine.ts";
import type { Service } from "../engine/schemas.ts";
import { ended, labTest, startMetis } from "../testing/_lab.ts";
import { until } from "../testing/_lab_swarm.ts";
import { fileOf, service, StackFolder, STACKS } from "./_stack_files.ts";
import { APP_LABEL, canonical, STACK_LABEL } from "./spec.ts";

const LAB: LabPlan = {
  directory: "/var/lib/metis-lab-test-specs",
  subnet: "10.83.0",
  nodes: 1,
  slots: 16,
};
/** Generated files that are compared. */
const FILES = Number(Deno.env.get("METIS_STUDY") ?? 4);
const STACK = "s";

labTest("services are as docker stack deploy makes them", LAB, async (t) => {
  const up = ["lab", "up", "--nodes", "1", "--directory", LAB.directory, "--subnet", LAB.subnet];
  const ran = await ended(startMetis(up, {}));
  assert.equal(ran.code, 0, ran.talk);
  const [node] = labNodes(LAB);
  const engine = await labEngine(node!);
  try {
    // Nothing is to run: specifications are compared.
    await engine.updateNode((await engine.nodes())[0]!, { Availability: "drain" });
    for (const name of ["two", "prod_net", "m"]) {
      await engine.createNetwork({ Name: name, Driver: "overlay", Labels: {} });
    }
    await engine.storeConfig({ Name: "raw-v2", Labels: {}, Data: "eA==" });
    await engine.createSecret({ Name: "shared", Labels: {}, Data: "eA==" });
    for (const [name, files] of Object.entries(STACKS)) {
      await t.step(name, async () => assert.ok(await compare(engine, node!.socket, files)));
    }
    await t.step(`${FILES} generated files`, () => {
      const stack = fc.array(service, { minLength: 3, maxLength: 8 }).map(fileOf);
      return fc.assert(
        fc.asyncProperty(
          stack,
          async (file) => fc.pre(await compare(engine, node!.socket, [file])),
        ),
        { numRuns: FILES },
      );
    });
  } finally {
    engine.close();
  }
});

/** Compares what becomes of stack files. @returns False if the engine refuses what Docker makes of them. */
async function compare(
  engine: Engine,
  socket: string,
  files: readonly string[],
): Promise<boolean> {
  await using stack = await StackFolder.of(files);
  const { services, findings } = stack.read();
  assert.deepEqual(findings.filter(({ kind }) => kind === "refused"), []);
  const how = ["deploy", "--detach=true", "--resolve-image", "never", STACK];
  const { isTaken } = await stack.docker(how, { DOCKER_HOST: `unix://${socket}` });
  try {
    const docker = await read(engine);
    await clear(engine);
    if (!isTaken) return false;
    await objectsOf(STACK, [...services.values()]).prepare?.(engine, []);
    const make = async (node: string | null, apps: readonly string[]) => {
      for (const { ID } of await engine.services({ [STACK_LABEL]: STACK })) {
        await engine.removeService(ID);
      }
      const spots = apps.map((app) => ({ app, node, replicas: 1 }));
      for (const { body } of await desiredServices(engine, STACK, spots, services)) {
        await engine.createService(body);
      }
      return await read(engine);
    };
    const words = files.join("\n---\n");
    const apps = [...services.keys()];
    assert.deepEqual(differences(await make(null, apps), docker), [], words);
    const placeable = apps.filter((app) => docker[app]!.Mode?.Replicated !== undefined);
    const planned = await make("n1", placeable);
    const ofDocker = Object.fromEntries(placeable.map((app) => [app, docker[app]!]));
    assert.deepEqual(differences(onNodes(planned), onNodes(ofDocker)), [], words);
    return true;
  } finally {
    await clear(engine);
  }
}

/** What the plan does not decide. */
function onNodes(specs: Readonly<Record<string, Spec>>) {
  return Object.fromEntries(
    Object.entries(specs).map(([app, { Labels, TaskTemplate, EndpointSpec }]) => [app, {
      Labels,
      TaskTemplate: { ...TaskTemplate, Placement: undefined },
      Ports: EndpointSpec?.Ports?.map((port) => canonical({ ...port, PublishMode: undefined }))
        .sort(),
    }]),
  );
}

/** The specifications of the stack's services, by app, without what says nothing and the order of what has none. */
async function read(engine: Engine): Promise<Record<string, Spec>> {
  const names = new Map((await engine.networks()).map(({ Id, Name }) => [Id, Name]));
  const services = await engine.services({ [STACK_LABEL]: STACK });
  return Object.fromEntries(services.map(({ Spec }) => {
    const app = Spec.Labels?.[APP_LABEL] ?? Spec.Name.slice(STACK.length + 1);
    return [app, plain(Spec, "", names) as Spec];
  }));
}

type Spec = Partial<Service["Spec"]>;

/** Lists whose order means nothing. */
const UNORDERED = ["Aliases", "Configs", "Constraints", "Mounts", "Networks", "Ports", "Secrets"];

function plain(value: unknown, key: string, networks: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) {
    const list = value.map((one) => plain(one, "", networks));
    return list.length === 0
      ? undefined
      : UNORDERED.includes(key)
      ? list.sort((a, b) => canonical(a) < canonical(b) ? -1 : 1)
      : list;
  }
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).filter(([name]) => !isNaming(key, name))
      .map(([name, one]) => [name, plain(one, name, networks)] as const)
      .filter(([, one]) => one !== undefined);
    return fields.length === 0 ? undefined : Object.fromEntries(fields);
  }
  if (value === null || value === "") return undefined;
  // The name of what Metis makes of a file ends in a hash of its contents.
  if (key === "ConfigName" || key === "SecretName") return `${value}`.replace(/-[0-9a-f]{12}$/, "");
  return key === "Target" ? networks.get(`${value}`) ?? value : value;
}

/** True for what names a service or what it draws on, and for labels by which its owner knows it. */
function isNaming(parent: string, name: string): boolean {
  if (parent === "Labels") return /^(com\.docker\.stack|io\.metis)\./.test(name);
  return name === "SecretID" || name === "ConfigID" || (parent === "" && name === "Name");
}

/** Where two values differ, and how. */
function differences(ours: unknown, docker: unknown, path = ""): string[] {
  if (canonical(ours) === canonical(docker)) return [];
  if (!isObject(ours) || !isObject(docker)) {
    return [`${path}: Metis ${canonical(ours)}, Docker ${canonical(docker)}`];
  }
  const keys = new Set([...Object.keys(ours), ...Object.keys(docker)]);
  return [...keys].flatMap((key) => differences(ours[key], docker[key], `${path}.${key}`));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Removes the stack, whoever made it. */
async function clear(engine: Engine): Promise<void> {
  const label = { [STACK_LABEL]: STACK };
  for (const { ID } of await engine.services(label)) await engine.removeService(ID);
  for (const { ID } of await engine.secrets(label)) await engine.removeSecret(ID);
  for (const { ID } of await engine.labelledConfigs(label)) await engine.removeConfig(ID);
  await until(async () => {
    for (const { Id } of await engine.networks(label)) {
      await engine.removeNetwork(Id).catch(() => {});
    }
    return (await engine.networks(label)).length === 0;
  });
}
