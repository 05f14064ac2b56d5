/**
 * Stack files as `docker stack config` has them: what Metis makes of a file, and of the long form that Docker prints of the
 * same file, must be one thing. It needs the docker command, but no engine.
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { runs } from "../../tools/_full.ts";
import type { Services } from "./compose.ts";
import { scopedName } from "./definitions.ts";
import { canonical, serviceBody } from "./spec.ts";
import { plainly, type Told, toldByDocker, toldByMetis } from "./_docker.ts";
import { fileOf, service, StackFolder, STACKS } from "./_stack_files.ts";

// An older docker (Debian 12's 20.10) shows the help of `docker stack` instead.
const hasDocker = await new Deno.Command("docker", { args: ["stack", "config", "--help"] }).output()
  .then(({ stdout }) => /docker stack config/.test(new TextDecoder().decode(stdout)), () => false);
if (!hasDocker) {
  console.error("No docker stack config: stack files are not compared with Docker's own reading");
}

/** Both readings of a stack file. */
async function bothReadings(files: readonly string[]) {
  await using stack = await StackFolder.of(files);
  const { isTaken, output, talk } = await stack.docker(["config"]);
  return {
    isTaken,
    complaint: talk,
    ours: stack.read(),
    docker: isTaken ? stack.read([output.replaceAll("$", "$$$$")]) : null,
  };
}

/** What is deployed: the bodies of services without what has no order, and what they draw on. */
function deployedForm(services: Services) {
  const sorted = (list: unknown) =>
    [...list as unknown[] ?? []].sort((a, b) => canonical(a) < canonical(b) ? -1 : 1);
  const entries = [...services].map(([app, service]) => {
    const bodyOn = (node: string | null) => {
      const pinning = { stack: "stack", name: app, app, node, replicas: 1 };
      return serviceBody(service, pinning, { secrets: new Map(), configs: new Map() }).body;
    };
    const { TaskTemplate, EndpointSpec, Labels: { "io.metis.spec": _, ...labels } } = bodyOn("n1");
    // As a service that no plan names, the whole of it is as its file says.
    const free = bodyOn(null);
    const { Labels: __, ...container } = TaskTemplate.ContainerSpec as Record<string, unknown>;
    const definitions = [...service.networks, ...service.configs, ...service.secrets].map((
      { definition },
    ) => ({ ...definition, name: scopedName("stack", definition) }));
    return [app, {
      labels,
      ...TaskTemplate,
      ContainerSpec: { ...container, Mounts: sorted(container.Mounts), labels: service.labels },
      ports: sorted((EndpointSpec as { Ports?: unknown[] }).Ports),
      endpointMode: (EndpointSpec as { Mode: string }).Mode,
      free: {
        ...{ mode: free.Mode, update: free.UpdateConfig, rollback: free.RollbackConfig },
        placement: free.TaskTemplate.Placement,
        ports: sorted((free.EndpointSpec as { Ports?: unknown[] }).Ports),
      },
      definitions,
    }] as const;
  });
  return JSON.parse(canonical(Object.fromEntries(entries)));
}

async function compare(...files: readonly string[]): Promise<void> {
  const { isTaken, complaint, ours, docker } = await bothReadings(files);
  assert.ok(isTaken, `Docker refuses the test's own file: ${complaint}`);
  const refused = ours.findings.filter(({ kind }) => kind === "refused");
  assert.deepEqual(refused, [], files.join("\n---\n"));
  assert.deepEqual(docker!.findings.filter(({ kind }) => kind === "refused"), []);
  assert.deepEqual(deployedForm(ours.services), deployedForm(docker!.services));
}

/** Compares what an engine is told of the services. */
async function compareDeployed(...files: readonly string[]): Promise<void> {
  await using stack = await StackFolder.of(files);
  const { isTaken, complaint, services } = await toldByDocker(stack);
  assert.ok(isTaken, `Docker does not deploy the test's own file: ${complaint}`);
  const byName = (all: readonly Told[]) =>
    Object.fromEntries(all.map((one) => [one.Name, plainly(one)]).sort());
  assert.deepEqual(byName(toldByMetis(stack.read().services)), byName(services));
}

/** What no engine needs to be asked about: its forms are Docker's own. */
const FORMS = `
version: "3.13"
services:
  web:
    image: app
    environment: { GONE: , KEPT: "", "with space": 1, 1ST: 2, LONG: 123456789012345678 }
    ports: ["0:80", "81:81/UDP", { target: 82, published: 0, protocol: tcp }]
    networks: { front: { ipv4_address: 10.9.0.7 } }
    volumes: ["./up/:/up", "data:/data:rw,z,U", { type: bind, source: /srv/, target: /srv, bind: { create_host_path: true } }]
    cap_add: [net_admin, ALL]
    cap_drop: [SYS_TIME, NET_RAW, ALL]
    extra_hosts: ["six=[::1]"]
    stop_grace_period: "0"
    healthcheck: { test: "true", interval: .5s, timeout: 5µs }
    configs: [{ source: site, mode: 01777 }]
    deploy:
      mode: "\${NOT_SET}"
      endpoint_mode: VIP
      resources: { limits: { cpus: "0", memory: "0" }, reservations: { cpus: ".5", memory: 1.2345g } }
      update_config: { failure_action: "\${NOT_SET}" }
      restart_policy: { condition: "\${NOT_SET}" }
  tool: { image: app, cap_add: [SYS_TIME, NET_ADMIN], cap_drop: [NET_RAW, SYS_TIME] }
networks: { front: { name: "\${NOT_SET}", driver: "\${NOT_SET}" } }
volumes: { data: { name: '{{index .Service.Labels "x"}}', driver: "vieux/sshfs:latest" } }
configs: { site: { file: site.conf } }
---
`;
/** What is read of the text itself: numbers and days as in YAML 1.1, tags, and the first of several documents. */
const YAML_FORMS = `
services:
  web:
    image: app
    environment: { DAY: 2001-2-14, NO_DAY: 2001-2-30, QUOTED: '2001-02-14', A: 1_000, B: 0b11, C: -0x1, D: 1_0.5, E: 0o17, F: 08 }
    ports: !reset [{ target: 8_0, published: 0x1f }]
    command: !override [a]
    labels: !!map { day: 2001-12-14 }
    configs: [{ source: site, target: "", uid: "", gid: "", mode: 0_440 }]
    deploy: { replicas: 0x2 }
configs: { site: { file: site.conf } }
---
services: { another: { image: [ }
`;
const NETWORKS_ONLY = "networks: { default: { attachable: true } }\n";
const FORMS_NAME = "what variables that are not set leave, and what is nothing of something";

const WRITTEN: Readonly<Record<string, readonly string[]>> = {
  ...STACKS,
  [FORMS_NAME]: [FORMS],
  "forms of YAML 1.1, tags, and documents after the first": [YAML_FORMS],
  "a later file without services": ["services: { web: { image: app } }\n", NETWORKS_ONLY],
};

for (const [name, files] of Object.entries(WRITTEN)) {
  Deno.test({
    name: `as docker stack config has it: ${name}`,
    ignore: !hasDocker,
    fn: () => compare(...files),
  });
  Deno.test({
    name: `as docker stack deploy has it: ${name}`,
    ignore: !hasDocker,
    fn: () => compareDeployed(...files),
  });
}

const services = fc.array(service, { minLength: 3, maxLength: 12 });
const stack = services.map(fileOf);
// Where both files have one, Docker appends the test of a health check to the other, and keeps one of all ports that the
// engine chooses, neither of which can be meant: here the later test counts, and all ports do.
const mergeable = services.map((all) =>
  all.map(({ ports, ...one }) => ({
    ...one,
    ...(ports && { ports: ports.filter((port) => typeof port === "object" || port.includes(":")) }),
  }))
);
const later = mergeable.map((all) => fileOf(all.map(({ healthcheck: _, ...one }) => one)));

Deno.test({
  name: "any stack file that Docker takes is the same as in its own long form",
  ignore: !hasDocker,
  fn: () => fc.assert(fc.asyncProperty(stack, (file) => compare(file)), { numRuns: runs(10, 200) }),
});

Deno.test({
  name: "any two stack files are merged as Docker merges them",
  ignore: !hasDocker,
  fn: () =>
    fc.assert(fc.asyncProperty(mergeable.map(fileOf), later, (one, two) => compare(one, two)), {
      numRuns: runs(10, 200),
    }),
});
