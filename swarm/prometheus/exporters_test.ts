/**
 * The queries that are shipped, on Debian's Prometheus: where the exporter is Debian's too, it runs; of the others it has what
 * they call things, by their own sources.
 * @module
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { Watched } from "../../observing/mod.ts";
import { freePort, startPrometheus, until, whyNoPrometheus } from "../testing/_prometheus.ts";
import { Prometheus } from "./client.ts";
import { type Queries, SHIPPED } from "./queries.ts";
import { readWatched } from "./watched.ts";

const BEGAN = 1_700_000_000;
const SECONDS = 600;
const INTERVAL = 60;

/** A stack of which web runs on two nodes and db on one, as cAdvisor and two proxies count it, under the name of a stack. */
function past(stack: string): string {
  const lines: string[] = [];
  const dashed = stack.replaceAll("_", "-");
  for (let at = BEGAN; at <= BEGAN + SECONDS; at += 15) {
    const passed = at - BEGAN;
    const say = (name: string, labels: Record<string, string>, value: number) => {
      const text = Object.entries(labels).map(([key, one]) => `${key}="${one}"`).join(",");
      lines.push(`${name}{${text}} ${value} ${at}`);
    };
    for (const [app, node, perSecond, mean] of PLACES) {
      const seen = {
        node,
        id: `/docker/${app}${node}`,
        container_label_com_docker_stack_namespace: stack,
        container_label_com_docker_swarm_service_name: `${stack}_${app}-${node}`,
      };
      say("container_last_seen", seen, at);
      say("container_cpu_usage_seconds_total", { ...seen, cpu: "total" }, passed * 0.1);
      say("container_network_receive_packets_total", { ...seen, interface: "eth0" }, passed * 7);
      const requests = passed * perSecond;
      const http = { code: "200", method: "GET", protocol: "http" };
      const traefik = { ...http, service: `${dashed}-${app}-${node}@swarm` };
      say("traefik_service_request_duration_seconds_count", traefik, requests);
      say("traefik_service_request_duration_seconds_sum", traefik, requests * mean);
      const envoy = { envoy_cluster_name: `${stack}_${app}-${node}` };
      say("envoy_cluster_upstream_rq_time_count", envoy, requests);
      say("envoy_cluster_upstream_rq_time_sum", envoy, requests * mean * 1000);
    }
    // What Traefik makes of an app whose label names the service: its nodes cannot be told.
    const one = { code: "200", method: "GET", protocol: "http", service: "web@swarm" };
    say("traefik_service_request_duration_seconds_count", one, passed);
  }
  return `${lines.sort().join("\n")}\n# EOF\n`;
}

/** App, node, requests per second and the mean seconds of one. */
const PLACES = [["web", "n1", 10, 0.02], ["web", "n2", 4, 0.05], ["db", "n1", 2, 0.3]] as const;

/** The last value of each series, by app and node. */
function lasts(series: Watched["requests"]): Record<string, number> {
  return Object.fromEntries(
    series.map(({ app, node, points }) => [
      `${app} ${node}`,
      Number(points.at(-1)![1].toPrecision(3)),
    ]).sort(),
  );
}

async function watched(url: string, queries: Queries, stack: string): Promise<Watched> {
  const prometheus = new Prometheus(url, new AbortController().signal);
  const span = { from: BEGAN + 120, to: BEGAN + SECONDS };
  return await readWatched(prometheus, queries, stack, span, {
    ...{ interval: INTERVAL, step: 15, settle: 0 },
  });
}

function testWith(name: string, programs: readonly string[], fn: () => Promise<void>): void {
  const missing = programs.find((path) => !existsSync(path));
  const reason = whyNoPrometheus() ?? (missing === undefined ? null : `no ${missing}`);
  Deno.test({
    name: `${name}${reason === null ? "" : ` (${reason})`}`,
    ignore: reason !== null,
    fn,
  });
}

testWith("what cAdvisor, Traefik and Envoy count is found by app and node", [], async () => {
  for (const stack of ["shop", "my_shop"]) {
    await using prometheus = await startPrometheus("global: {}\n", past(stack));
    const { url } = prometheus;
    for (const name of ["traefik", "envoy"]) {
      const { containers, requests, latency } = await watched(url, SHIPPED[name]!, stack);
      assert.deepEqual(lasts(containers), { "db n1": 1, "web n1": 1, "web n2": 1 }, name);
      assert.deepEqual(lasts(requests), { "db n1": 2, "web n1": 10, "web n2": 4 }, name);
      assert.deepEqual(lasts(latency), { "db n1": 0.3, "web n1": 0.02, "web n2": 0.05 }, name);
    }
    const { requests, cpu } = await watched(url, SHIPPED.cadvisor!, stack);
    assert.deepEqual(lasts(requests), { "db n1": 7, "web n1": 7, "web n2": 7 });
    assert.deepEqual(lasts(cpu), { "db n1": 0.1, "web n1": 0.1, "web n2": 0.1 });

    // Of an app on several nodes that is one service, no place is guessed.
    const whole = {
      ...SHIPPED.traefik!,
      requests:
        `label_replace(sum(rate(traefik_service_request_duration_seconds_count[$interval])), "service", "${stack}_web", "", "")`,
    };
    await assert.rejects(
      watched(url, whole, stack),
      /requests gives series of \w+_web, and of no service that runs on one node: .* as by a service \w+_\w+-n\d/,
    );
    // Services of others say nothing of ours.
    const others = {
      ...whole,
      requests: whole.requests.replace(`${stack}_web`, "dashboard@internal"),
    };
    assert.deepEqual((await watched(url, others, stack)).requests, []);
  }
});

const [HAPROXY, NGINX, EXPORTER] = [
  "/usr/sbin/haproxy",
  "/usr/sbin/nginx",
  "/usr/bin/prometheus-nginx-exporter",
];

testWith(
  "what Debian's HAProxy and nginx exporter count is found by app and node",
  [HAPROXY, NGINX, EXPORTER],
  async () => {
    const folder = await Deno.makeTempDir();
    const [web, front, exporter] = [freePort(), freePort(), freePort()];
    await Deno.writeTextFile(
      `${folder}/nginx.conf`,
      `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
http {
  access_log off; client_body_temp_path ${folder}/body;
  server { listen 127.0.0.1:${web}; location / { return 200 ok; } location /status { stub_status; } }
}
`,
    );
    await Deno.writeTextFile(
      `${folder}/haproxy.cfg`,
      `defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend all
  bind 127.0.0.1:${front}
  http-request use-service prometheus-exporter if { path /metrics }
  default_backend shop_web-n1
backend shop_web-n1
  server one 127.0.0.1:${web}
`,
    );
    const start = (program: string, ...args: string[]) =>
      new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    const running = [
      start(NGINX, "-e", `${folder}/error.log`, "-c", `${folder}/nginx.conf`),
      start(HAPROXY, "-db", "-f", `${folder}/haproxy.cfg`),
      start(
        EXPORTER,
        `-nginx.scrape-uri=http://127.0.0.1:${web}/status`,
        `-web.listen-address=127.0.0.1:${exporter}`,
      ),
    ];
    const labels = "labels: { stack: shop, app: web, node: n1 }";
    const config = `global: { scrape_interval: 1s }
scrape_configs:
- job_name: haproxy
  static_configs: [{ targets: ["127.0.0.1:${front}"] }]
- job_name: nginx
  static_configs: [{ targets: ["127.0.0.1:${exporter}"], ${labels} }]
`;
    try {
      await using prometheus = await startPrometheus(config);
      const ask = async () => {
        const response = await fetch(`http://127.0.0.1:${front}/`);
        return await response.text() === "ok";
      };
      await until(ask);
      const began = Date.now() / 1000;
      // cAdvisor does not run here: what it says of containers, Prometheus' own `up` says.
      const up = 'count by (app, node) (up{stack="shop"})';
      const seen = async (name: string) => {
        await ask();
        const { requests } = await readWatched(
          new Prometheus(prometheus.url, new AbortController().signal),
          { ...SHIPPED[name]!, containers: up, cpu: up },
          "shop",
          { from: began, to: Date.now() / 1000 },
          { interval: 5, step: 1, settle: 0 },
        );
        return requests;
      };
      for (const name of ["haproxy", "nginx"]) {
        await until(async () => (await seen(name)).some(({ points }) => points.at(-1)![1] > 0));
        assert.deepEqual((await seen(name)).map(({ app, node }) => [app, node]), [["web", "n1"]]);
      }
    } finally {
      for (const process of running) process.kill("SIGTERM");
      await Promise.all(running.map(({ status }) => status));
      await Deno.remove(folder, { recursive: true });
    }
  },
);
