/**
 * What `metis status --metrics` prints, before Debian's Prometheus.
 * @module
 */
import assert from "node:assert/strict";
import { FakeSwarm } from "../../swarm/testing/_fake_engine.ts";
import {
  metricsFaults,
  startPrometheus,
  until,
  whyNoPrometheus,
} from "../../swarm/testing/_prometheus.ts";
import { memoryContext } from "../_testing.ts";
import { STACK_FILES } from "./_stack_files.ts";
import { command as deployCommand } from "./deploy.ts";
import { command as statusCommand } from "./status.ts";

Deno.test({
  name: `Debian's Prometheus takes the figures of a status${
    whyNoPrometheus() === null ? "" : ` (${whyNoPrometheus()})`
  }`,
  ignore: whyNoPrometheus() !== null,
  fn: async () => {
    const swarm = new FakeSwarm(["n1", "n2", "n3"]);
    const connect = () => Promise.resolve(swarm.client());
    const given = ["plan.json", "--nodes", "n1,n2,n3", "--services", "services.json"];
    const figures = async (): Promise<string> => {
      const context = memoryContext({ files: STACK_FILES });
      // An ill stack is told by its figures, and by an error besides.
      await statusCommand(context, connect).parseAsync([...given, "--metrics"], { from: "user" })
        .catch((error) => assert.match(`${error}`, /not up to date/));
      return context.output();
    };
    await deployCommand(memoryContext({ files: STACK_FILES }), connect)
      .parseAsync([...given, "--monitor", "0"], { from: "user" });
    let text = await figures();
    assert.equal(await metricsFaults(text), "");

    const served = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response(text, { headers: { "Content-Type": "text/plain; version=0.0.4" } }),
    );
    try {
      await using prometheus = await startPrometheus(
        `global: { scrape_interval: 1s }\nscrape_configs:\n- job_name: metis\n  static_configs:\n` +
          `  - targets: ["127.0.0.1:${served.addr.port}"]\n`,
      );
      const { value } = prometheus;
      await until(async () => await value("metis_stack_healthy") === 1);
      assert.equal(await value("up"), 1);
      assert.equal(await value('sum(metis_service_containers_wanted{stack="metis"})'), 6);
      assert.equal(await value("sum(metis_service_containers_running)"), 6);
      assert.equal(await value("min(metis_service_up_to_date)"), 1);
      assert.equal(await value("count(metis_service_restarts)"), 5);
      assert.equal(await value('sum(metis_service_containers_wanted{app="web",node="n1"})'), 2);

      swarm.nodes[0]!.state = "down";
      text = await figures();
      assert.equal(await metricsFaults(text), "");
      // The alert that docs/deploying.md names.
      await until(async () => await value("metis_stack_healthy == 0") === 0);
      assert.equal(await value('count(metis_service_up_to_date{node="n1"} == 0)'), 2);
      assert.equal(
        await value("sum(metis_service_containers_wanted - metis_service_containers_running)"),
        3,
      );
    } finally {
      await served.shutdown();
    }
    assert.notEqual(await metricsFaults(text.replace(" gauge\n", " gouge\n")), "");
  },
});
