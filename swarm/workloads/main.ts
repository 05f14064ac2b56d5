/**
 * What runs in the container of a workload: `main.ts NAME`, at the port of the environment variable PORT.
 * @module
 */
import { runWorkload } from "./run.ts";

await runWorkload(Deno.args[0] ?? "", (name) => Deno.env.get(name));
