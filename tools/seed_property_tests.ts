/**
 * Loaded before the tests: property tests draw from one seed, so that a run repeats. Another one is chosen by
 * `METIS_TEST_SEED=7 deno task test`; METIS_TEST_SEED=random looks for what nobody has seen yet.
 * @module
 */
import fc from "fast-check";

const wanted = Deno.env.get("METIS_TEST_SEED") ?? "1";
if (wanted !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) });
