/**
 * Stack files as `docker stack config` has them: what Metis makes of a file, and of the long form that Docker prints of the
 * same file, must be one thing. It needs the docker command, but no engine.
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { runs } from "../../tools/_full.ts";
import { readStack } from "./compose.ts";
import { scopedName } from "./definitions.ts";
import { canonical, serviceBody } from "./spec.ts";

const VARIABLES: Readonly<Record<string, string>> = { TAG: "7", EMPTY: "" };

const hasDocker = await new Deno.Command("docker", { args: ["stack", "config", "--help"] }).output()
  .then(({ success }) => success, () => false);
if (!hasDocker) {
  console.error("No docker command: stack files are not compared with Docker's own reading");
}

/** Files that the stacks below name. */
const FILES: Readonly<Record<string, string>> = {
  "a.env": '# comment\nA=1\n  B=two words \nC="quoted"\nD=x=y\n\nTAG\nNOT_SET\n',
  "site.conf": "server {}\n",
  "key.pem": "0123",
};

/** Both readings of a stack file. */
async function bothReadings(files: readonly string[]) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, contents] of Object.entries(FILES)) {
      await Deno.writeTextFile(join(folder, name), contents);
    }
    const paths = files.map((_, at) => join(folder, `${at}.yaml`));
    for (const [at, path] of paths.entries()) await Deno.writeTextFile(path, files[at]!);
    const { success, stdout, stderr } = await new Deno.Command("docker", {
      args: ["stack", "config", ...paths.flatMap((path) => ["-c", path])],
      env: { ...VARIABLES, HOME: "/home/ada", PATH: Deno.env.get("PATH") ?? "" },
      clearEnv: true,
    }).output();
    const decoder = new TextDecoder();
    const read = (contents: readonly string[], escaped = false) =>
      readStack(
        contents.map((text, at) => ({
          name: `${at}.yaml`,
          contents: escaped ? text.replaceAll("$", "$$$$") : text,
        })),
        {
          variables: (name) =>
            ({ HOME: "/home/ada", ...VARIABLES } as Record<string, string>)[name],
          defaultNetwork: true,
          files: {
            resolve: (path) =>
              path.startsWith("~")
                ? join("/home/ada", path.slice(1))
                : path.startsWith("/")
                ? path
                : join(folder, path),
            read: (path) => {
              try {
                return Deno.readFileSync(path);
              } catch {
                return null;
              }
            },
          },
        },
      );
    return {
      isTaken: success,
      complaint: decoder.decode(stderr),
      ours: read(files),
      docker: success ? read([decoder.decode(stdout)], true) : null,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What is deployed: the bodies of services without what has no order, and what they draw on. */
function deployedForm(services: ReturnType<typeof readStack>["services"]) {
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

const STACKS: Readonly<Record<string, readonly string[]>> = {
  "numbers and yes or no by variables, and names by templates": [`
version: "3.8"
services:
  web:
    image: web
    read_only: \${NOT_SET:-true}
    tty: \${NOT_SET:-off}
    ports: [{ target: 80, published: "\${NOT_SET:-8080}" }]
    volumes: ["data:/data"]
    ulimits: { nofile: "\${NOT_SET:-1024}" }
    deploy:
      replicas: \${TAG}
      update_config: { parallelism: "\${NOT_SET:-2}", max_failure_ratio: "\${NOT_SET:-0.3}" }
      placement: { max_replicas_per_node: "\${NOT_SET:-3}", preferences: [{ spread: node.id }] }
volumes: { data: { name: "{{.Node.Hostname}}_data" } }
networks: { default: { attachable: "\${NOT_SET:-yes}" } }
`],
  "a web stack with its own networks": [`
version: "3.13"
services:
  proxy:
    image: nginx:\${TAG}
    ports: ["80:80", "443:443/tcp", "8000-8002:9000-9002", "53:53/udp", 9090, "127.0.0.1:81:81"]
    networks: { front: { aliases: [www, site] }, back: }
    configs: [{ source: site, target: /etc/nginx/site.conf, mode: 0440, uid: "101" }, raw]
    secrets: [key, { source: shared, target: token }]
    healthcheck: { test: ["CMD", "true"], interval: 1m30s, start_period: 5s, retries: 3 }
    logging: { driver: json-file, options: { max-size: 10m, max-file: 3 } }
    deploy:
      mode: global
      update_config: { parallelism: 2, order: start-first, failure_action: rollback }
      rollback_config: { parallelism: 1 }
      labels: [traefik.enable=true, "rule=Host(\`a.example\`)"]
      placement: { constraints: [node.role == manager], preferences: [{ spread: node.labels.zone }] }
  app:
    image: app
    command: serve --name "two words" --flag
    entrypoint: ["/bin/sh", "-c"]
    env_file: a.env
    environment: { A: from environment, N: 3, T: "true", GONE: , TAG: }
    networks: [back]
    volumes:
      - ./data:/data:ro
      - ~/cache:/cache
      - db:/var/lib/db:nocopy
      - /anonymous
      - { type: tmpfs, target: /tmp, tmpfs: { size: 1000000 } }
      - { type: bind, source: ./code, target: /code, bind: { propagation: rslave } }
    extra_hosts: ["one:10.0.0.1", "six:::1"]
    cap_add: [NET_ADMIN]
    cap_drop: [ALL]
    sysctls: [net.core.somaxconn=1024]
    ulimits: { nofile: { soft: 20000, hard: 40000 }, nproc: 65535 }
    dns: 8.8.8.8
    dns_search: [a.example, b.example]
    tmpfs: [/run]
    stop_signal: SIGUSR1
    stop_grace_period: 1m
    hostname: "{{.Node.Hostname}}-{{.Task.Slot}}"
    user: "1000:1000"
    working_dir: /srv
    init: true
    tty: true
    stdin_open: true
    read_only: true
    depends_on: [proxy]
    restart: on-failure:3
    deploy:
      replicas: 3
      endpoint_mode: vip
      resources: { limits: { cpus: "0.50", memory: 50M, pids: 10 }, reservations: { cpus: "0.25", memory: 20M, generic_resources: [{ discrete_resource_spec: { kind: gpu, value: 2 } }] } }
  quiet:
    image: "app:\${NOT_SET}1"
    healthcheck: { disable: true }
    restart: always
    deploy: { restart_policy: { condition: none, delay: 5s, window: 2m, max_attempts: 2 } }
networks:
  front: { driver: overlay, attachable: true, driver_opts: { encrypted: "" }, ipam: { driver: default, config: [{ subnet: 10.9.0.0/24 }] } }
  back: { external: true, name: prod_net }
volumes:
  db: { driver: local, driver_opts: { type: nfs, o: "addr=10.0.0.9,rw", device: ":/x" }, labels: { keep: "yes" } }
configs: { site: { file: ./site.conf, template_driver: golang }, raw: { external: { name: raw-v2 } } }
secrets: { key: { file: key.pem, name: the-key }, shared: { external: true } }
`],
  "variables and anchors": [`
x-base: &base { image: "app:\${TAG:-1}", environment: &env { A: "\${EMPTY:-x}\${EMPTY-y}", B: "5$$" } }
services:
  one: *base
  two: { <<: *base, environment: { <<: *env, C: "\${NOT_SET}" } }
`],
  "a network of the engine, and the stack's own by another name": [`
services:
  a: { image: app, networks: [host] }
  b: { image: app }
networks: { host: { external: true, name: host }, default: { name: other } }
`],
  "several files": [
    `
services:
  web: { image: "app:1", environment: [A=1, B=1], ports: ["80:80"], networks: [n], volumes: ["d:/d"], dns: [1.1.1.1], command: [a, b], deploy: { labels: { x: "1" } } }
  only: { image: app }
networks: { n: }
volumes: { d: }
`.replaceAll("d:/d", "dd:/d").replace("{ d: }", "{ dd: }"),
    `
services:
  web: { image: "app:2", environment: [B=2, C=2], ports: ["81:81", "80:8080"], networks: { n: { aliases: [w] }, m: }, volumes: ["ee:/d"], dns: [8.8.8.8], command: [c], deploy: { labels: { y: "2" }, resources: { limits: { memory: 10M } } } }
  more: { image: app, logging: { driver: syslog } }
networks: { m: { attachable: true } }
volumes: { ee: { external: true } }
`,
  ],
};

for (const [name, files] of Object.entries(STACKS)) {
  Deno.test({
    name: `as docker stack config has it: ${name}`,
    ignore: !hasDocker,
    fn: () => compare(...files),
  });
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/).filter((one) => one !== "default");
const port = fc.integer({ min: 1, max: 60_000 });
const value = fc.oneof(word, fc.constantFrom("a b", "x=y", "1", "", "q'\"", "ü"));
const pairs = fc.oneof(
  fc.dictionary(word, value, { maxKeys: 3 }),
  fc.uniqueArray(fc.tuple(word, value), { selector: ([name]) => name, maxLength: 3 })
    .map((list) => list.map(([name, one]) => `${name}=${one}`)),
);
const duration = fc.constantFrom("5s", "1m30s", "500ms", "1h", "1.5s");
const service = fc.record({
  image: fc.constantFrom("app", "team/app:1.2", "registry.example:5000/app:1"),
  command: fc.oneof(
    fc.array(word, { minLength: 1, maxLength: 3 }),
    fc.constant("run 'it now' --fast"),
  ),
  environment: pairs,
  labels: pairs,
  ports: fc.uniqueArray(
    fc.oneof(
      port.map(String),
      fc.tuple(port, port).map(([a, b]) => `${a}:${b}`),
      fc.tuple(port, port, fc.constantFrom("tcp", "udp"))
        .map(([a, b, protocol]) => `${a}:${b}/${protocol}`),
      fc.tuple(port, port).map(([a, b]) => `${a}-${a + 2}:${b}-${b + 2}`),
      fc.record({ target: port, published: port, mode: fc.constantFrom("host", "ingress") }),
    ),
    { maxLength: 3 },
  ),
  volumes: fc.uniqueArray(
    fc.constantFrom(
      "data:/data",
      "data:/other:ro",
      "./here:/here",
      "../up:/up:rw",
      "/srv:/srv:ro,rslave",
      "/none",
      "~/mine:/mine",
    ),
    { maxLength: 4 },
  ),
  networks: fc.constantFrom(["one"], ["one", "two"], { one: { aliases: ["x"] } }, { two: null }),
  healthcheck: fc.record({
    test: fc.oneof(fc.constant("curl -f localhost"), fc.constant(["CMD", "true"])),
    interval: duration,
    retries: fc.nat({ max: 9 }),
  }),
  restart: fc.constantFrom("always", "no", "unless-stopped", "on-failure", "on-failure:2"),
  stop_grace_period: duration,
  ulimits: fc.dictionary(fc.constantFrom("nofile", "nproc"), fc.integer({ min: 1, max: 9999 })),
  sysctls: fc.constantFrom(["a.b=1"], { "a.b": 1 }),
  dns: fc.oneof(fc.ipV4(), fc.array(fc.ipV4(), { minLength: 1, maxLength: 2 })),
  extra_hosts: fc.array(fc.tuple(word, fc.ipV4()).map(([name, ip]) => `${name}:${ip}`), {
    maxLength: 2,
  }),
  hostname: fc.constantFrom("h", "{{.Node.Hostname}}"),
  deploy: fc.record({
    replicas: fc.nat({ max: 9 }),
    labels: pairs,
    resources: fc.record({
      limits: fc.record({
        cpus: fc.constantFrom("0.5", "2"),
        memory: fc.constantFrom("64M", "1G"),
      }),
    }, { requiredKeys: [] }),
    restart_policy: fc.record({
      condition: fc.constantFrom("none", "any", "on-failure"),
      delay: duration,
      max_attempts: fc.nat({ max: 5 }),
    }, { requiredKeys: [] }),
  }, { requiredKeys: [] }),
}, { requiredKeys: ["image"] });

const fileOf = (services: readonly object[]) =>
  JSON.stringify({
    services: Object.fromEntries(services.map((one, at) => [`s${at}`, one])),
    networks: { one: {}, two: { external: true } },
    volumes: { data: {} },
  });
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
