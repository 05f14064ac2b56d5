/**
 * The demo in a real browser. `METIS_DEMO_STEPS=drag,phone deno task test demo` runs the steps whose names hold one of
 * these words.
 * @module
 */
import { inFull } from "../tools/_full.ts";
import { ACCESS } from "./testing/_access.ts";
import { ADDRESS } from "./testing/_address.ts";
import { missingBrowser } from "./testing/_browser.ts";
import { FILES } from "./testing/_files.ts";
import { GLANCE } from "./testing/_glance.ts";
import { MOVING } from "./testing/_moving.ts";
import { OFFLINE } from "./testing/_offline.ts";
import { OPENING } from "./testing/_opening.ts";
import { PHONE } from "./testing/_phone.ts";
import { PROBLEM } from "./testing/_problem.ts";
import { REPLANNING } from "./testing/_replanning.ts";
import { REPLAY } from "./testing/_replay.ts";
import { SAVING } from "./testing/_saving.ts";
import { SCREENS } from "./testing/_screens.ts";
import { Stage, type Step } from "./testing/_stage.ts";
import { STORY } from "./testing/_story.ts";
import { TRAINING } from "./testing/_training.ts";

const STEPS: readonly Step[] = [
  ...OPENING,
  ...REPLAY,
  ...MOVING,
  ...REPLANNING,
  ...PROBLEM,
  ...FILES,
  ...GLANCE,
  ...TRAINING,
  ...ADDRESS,
  ...SAVING,
  ...PHONE,
  ...SCREENS,
  ...OFFLINE,
  ...STORY,
  ...ACCESS,
];

const words = (Deno.env.get("METIS_DEMO_STEPS") ?? "").split(",");
const chosen = STEPS.filter(({ name }) => words.some((word) => name.includes(word)));
const missing = await missingBrowser();

Deno.test({
  name: `the demo works in Chromium${missing === null ? "" : ` (skipped: ${missing})`}`,
  ignore: missing !== null,
  async fn(test) {
    await using stage = await Stage.create();
    for (const step of chosen) {
      const { name, long = false } = step;
      const found = { name, fn: () => stage.run(step) };
      await test.step(long ? inFull(found) : found);
    }
  },
});
