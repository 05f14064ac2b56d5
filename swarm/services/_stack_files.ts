/**
 * Stack files that are read by Docker and by Metis: written ones, and generated ones.
 * @module
 */
import { join } from "node:path";
import fc from "fast-check";
import { type ReadStack, readStack } from "./compose.ts";
import { pathOf } from "./paths.ts";

/** What is set where the files are read. */
export const VARIABLES: Readonly<Record<string, string>> = { TAG: "7", EMPTY: "" };

const HOME = "/home/ada";

/** Files that the stacks below name. */
const FILES: Readonly<Record<string, string>> = {
  "a.env": '# comment\nA=1\n  B=two words \nC="quoted"\nD=x=y\n\nTAG\nNOT_SET\n',
  "site.conf": "server {}\n",
  "key.pem": "0123",
};

/** Stack files in a folder, with the files that they name. */
export class StackFolder {
  private constructor(
    readonly folder: string,
    readonly contents: readonly string[],
    readonly paths: readonly string[],
  ) {}

  static async of(contents: readonly string[]): Promise<StackFolder> {
    const folder = await Deno.makeTempDir();
    for (const [name, text] of Object.entries(FILES)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    const paths = contents.map((_, at) => join(folder, `${at}.yaml`));
    for (const [at, path] of paths.entries()) await Deno.writeTextFile(path, contents[at]!);
    return new StackFolder(folder, contents, paths);
  }

  /** `docker stack`, with the files. @param env Besides the variables. */
  async docker(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { success, stdout, stderr } = await new Deno.Command("docker", {
      args: ["stack", ...args, ...this.paths.flatMap((path) => ["-c", path])],
      env: { ...VARIABLES, HOME, PATH: Deno.env.get("PATH") ?? "", ...env },
      clearEnv: true,
    }).output();
    const decoder = new TextDecoder();
    return { isTaken: success, output: decoder.decode(stdout), talk: decoder.decode(stderr) };
  }

  /** The files as Metis reads them, or others in their place. */
  read(contents: readonly string[] = this.contents): ReadStack {
    return readStack(contents.map((text, at) => ({ name: `${at}.yaml`, contents: text })), {
      variables: (name) => ({ HOME, ...VARIABLES } as Record<string, string>)[name],
      defaultNetwork: true,
      files: {
        resolve: (path) => pathOf(path, this.folder, HOME),
        read: (path) => {
          try {
            return Deno.readFileSync(path);
          } catch {
            return null;
          }
        },
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Written ones, each of several files, by what they are about. */
export const STACKS: Readonly<Record<string, readonly string[]>> = {
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

const word = fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/).filter((one) => one !== "default");
const port = fc.integer({ min: 1, max: 60_000 });
const value = fc.oneof(word, fc.constantFrom("a b", "x=y", "1", "", "q'\"", "ü"));
const pairs = fc.oneof(
  fc.dictionary(word, value, { maxKeys: 3 }),
  fc.uniqueArray(fc.tuple(word, value), { selector: ([name]) => name, maxLength: 3 })
    .map((list) => list.map(([name, one]) => `${name}=${one}`)),
);
const duration = fc.constantFrom("5s", "1m30s", "500ms", "1h", "1.5s");
const releaseConfig = fc.record({
  parallelism: fc.nat({ max: 3 }),
  delay: duration,
  failure_action: fc.constantFrom("pause", "continue", "rollback"),
  monitor: duration,
  max_failure_ratio: fc.constantFrom(0, 0.25),
  order: fc.constantFrom("stop-first", "start-first"),
}, { requiredKeys: [] });

const written = fc.record({
  image: fc.constantFrom(
    ...["app", "team/app:1.2", "registry.example:5000/app:1", "docker.io/library/app"],
    `team/app@sha256:${"0".repeat(64)}`,
  ),
  command: fc.oneof(
    fc.array(word, { minLength: 1, maxLength: 3 }),
    fc.constant("run 'it now' --fast"),
  ),
  environment: fc.oneof(
    pairs,
    fc.constantFrom({ TAG: "", GONE: null, A: "x" }, ["TAG", "GONE", "EMPTY=", "A=y"]),
  ),
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
      { type: "tmpfs", target: "/run", tmpfs: { size: 65536 } },
      { type: "volume", source: "data", target: "/third", volume: { nocopy: true } },
      { type: "bind", source: "./b", target: "/b", read_only: true },
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
  user: fc.constantFrom("1000:1000", "app"),
  init: fc.boolean(),
  tty: fc.boolean(),
  read_only: fc.boolean(),
  stop_signal: fc.constantFrom("SIGTERM", "USR1"),
  cap_add: fc.constantFrom(["NET_ADMIN"], ["all"], ["sys_time", "CAP_CHOWN"]),
  cap_drop: fc.constantFrom(["ALL"], ["mknod"], ["SYS_TIME", "CHOWN", "chown"]),
  logging: fc.constantFrom({ driver: "none" }, { driver: "json-file", options: { "max-file": 3 } }),
  configs: fc.constantFrom(["site"], [{ source: "site", target: "/s", mode: 0o400, uid: "7" }]),
  secrets: fc.constantFrom(["key"], ["shared", { source: "key", target: "k", gid: "9" }]),
  deploy: fc.record({
    mode: fc.constantFrom("replicated", "global", "replicated-job", "global-job"),
    endpoint_mode: fc.constantFrom("vip", "dnsrr"),
    update_config: releaseConfig,
    rollback_config: releaseConfig,
    placement: fc.record({
      constraints: fc.constantFrom(["node.role == manager", "node.labels.disk==ssd"], []),
      preferences: fc.constant([{ spread: "node.labels.zone" }]),
      max_replicas_per_node: fc.nat({ max: 3 }),
    }, { requiredKeys: [] }),
    replicas: fc.nat({ max: 9 }),
    labels: pairs,
    resources: fc.record({
      limits: fc.record({
        cpus: fc.constantFrom("0.5", "2"),
        memory: fc.constantFrom("64M", "1G"),
      }),
      reservations: fc.record({
        cpus: fc.constantFrom("0.25", "1"),
        memory: fc.constantFrom("10M", "16384k"),
      }, { requiredKeys: [] }),
    }, { requiredKeys: [] }),
    restart_policy: fc.record({
      condition: fc.constantFrom("none", "any", "on-failure"),
      delay: duration,
      max_attempts: fc.nat({ max: 5 }),
      window: duration,
    }, { requiredKeys: [] }),
  }, { requiredKeys: [] }),
}, { requiredKeys: ["image"] });

/** A service of a stack file. */
export const service = written.map(({ deploy, ...one }) => {
  if (deploy === undefined) return one;
  const { mode = "replicated", replicas, update_config, rollback_config, ...rest } = deploy;
  const { endpoint_mode, ...others } = rest;
  const isMeshed = (one.ports ?? []).some((port) =>
    typeof port !== "object" || port.mode !== "host"
  );
  // What engines refuse is left out.
  return {
    ...one,
    deploy: {
      mode,
      ...others,
      ...(mode.startsWith("global") ? {} : { replicas }),
      ...(mode.endsWith("job") ? {} : { update_config, rollback_config }),
      ...(isMeshed ? {} : { endpoint_mode }),
    },
  };
});

/** A stack file of services. */
export const fileOf = (services: readonly object[]): string =>
  JSON.stringify({
    services: Object.fromEntries(services.map((one, at) => [`s${at}`, one])),
    networks: { one: {}, two: { external: true } },
    volumes: { data: { labels: { keep: "yes" }, driver_opts: { type: "tmpfs", device: "x" } } },
    configs: { site: { file: "./site.conf" } },
    secrets: { key: { file: "key.pem" }, shared: { external: true } },
  });
