/**
 * One address for an app, whatever services its containers are in: a proxy takes its port on every node of the Swarm, and asks
 * for the app by its name.
 * @module
 */
import { InputError } from "../../domain/mod.ts";
import { type ComposeService, readServices, type Services } from "./compose.ts";
import type { FileDefinition } from "./definitions.ts";

/** Most containers of an app that a proxy knows. */
const MOST_CONTAINERS = 255;
/** Where the images of HAProxy look for it. */
const CONFIG_PATH = "/usr/local/etc/haproxy/haproxy.cfg";

type Port = ComposeService["ports"][number];

/** The name of the proxy of an app, in the file and to its neighbours. */
export function proxyName(app: string): string {
  return `${app}-ingress`;
}

/**
 * The services, with a proxy for each of the apps that is to have a port on all nodes: its containers publish none of their own
 * then, so that several fit on a node.
 * @param image Of HAProxy, 2.0 or later.
 * @throws {InputError} if a port is none that HAProxy takes, or a proxy's name is taken.
 */
export function withProxies(services: Services, apps: readonly string[], image: string): Services {
  const all = new Map(services);
  for (const app of apps) {
    const service = services.get(app);
    const ports = (service?.ports ?? []).filter(isOnAllNodes);
    if (service === undefined || ports.length === 0) continue;
    const other = ports.find(({ protocol }) => protocol !== "tcp");
    if (other !== undefined) {
      throw new InputError(
        `services.${app}.ports: a proxy takes tcp, not ${other.protocol}: publish ${other.target}/${other.protocol} by ` +
          "`mode: host`",
      );
    }
    const name = proxyName(app);
    if (services.has(name)) {
      throw new InputError(`services.${name}: the proxy of ${app} has this name: choose another`);
    }
    all.set(app, { ...service, ports: service.ports.filter((port) => !isOnAllNodes(port)) });
    all.set(name, proxyOf(app, service, ports, image));
  }
  return all;
}

function isOnAllNodes({ published, mode }: Port): boolean {
  return published !== null && mode === "ingress";
}

function proxyOf(
  app: string,
  { networks }: ComposeService,
  ports: readonly Port[],
  image: string,
): ComposeService {
  const name = proxyName(app);
  const written = {
    image,
    command: ["haproxy", "-f", CONFIG_PATH],
    // The user of the image may not take ports below 1024 else.
    sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" },
    // One on each node needs no routing mesh, and sees who asks.
    ports: ports.map((port) => ({ ...port, mode: "host" })),
    deploy: { mode: "global" },
  };
  const file = `the proxy of ${app}`;
  return {
    ...readServices(JSON.stringify({ services: { [name]: written } }), file).get(name)!,
    networks: networks.map((use) => ({ ...use, aliases: [] })),
    configs: [{
      target: CONFIG_PATH,
      uid: "0",
      gid: "0",
      mode: 0o444,
      definition: configOf(name, proxyConfig(app, ports)),
    }],
  };
}

function configOf(key: string, text: string): FileDefinition {
  return {
    key,
    external: false,
    name: null,
    labels: {},
    file: CONFIG_PATH,
    data: new TextEncoder().encode(text).toBase64(),
    templateDriver: null,
  };
}

/** HAProxy asks Docker's name server each second, and gives a container that refuses no more connections until it takes them. */
function proxyConfig(app: string, ports: readonly Port[]): string {
  const most = `${app} ${MOST_CONTAINERS}`;
  const blocks = [...new Set(ports.map(({ target }) => target))].map((target) => `
listen port-${target}
  bind :${target}
  balance leastconn
  server-template ${most} ${app}:${target} check inter 1s fall 1 rise 1 resolvers docker init-addr none
`);
  return `defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  retries 3
  option redispatch 1

resolvers docker
  nameserver docker 127.0.0.11:53
  accepted_payload_size 8192
  timeout resolve 1s
  timeout retry 1s
  hold valid 1s
  hold obsolete 1s
${blocks.join("")}`;
}
