/// <reference lib="dom" />
import uPlot from "uplot";
import type { TrainProgress, TrainReply, TrainWorkerMethods } from "../worker/protocol.ts";
import { WorkerClient } from "../worker/rpc.ts";
import type { Session } from "../session/session.ts";
import { chartAxes, type ChartSize, followSize } from "./chart.ts";
import { onThemeChange, themeColor } from "./colors.ts";
import { byId, setText } from "./dom.ts";
import { saveBlob } from "./download.ts";
import { countText } from "../session/words.ts";

/** A training of some ten seconds. */
const UPDATES = 240;
const NODES = 9;

/** Trains a small policy in a worker, draws its curve, and lets the page place by it. */
export function showTraining(session: Session): void {
  const place = byId("training");
  const [train, adopt, save] = ["train", "adopt", "save-policy"].map((id) =>
    byId<HTMLButtonElement>(id)
  );
  const state = byId("training-state");
  const curve: TrainProgress[] = [];
  let chart: uPlot | null = null;
  let running: AbortController | null = null;
  let trained: { readonly reply: TrainReply; readonly profile: unknown } | null = null;

  const draw = (): void => chart?.setData(curveOf(curve));
  const redraw = (): void => {
    chart?.destroy();
    chart = new uPlot(optionsOf(followSize(place, () => chart)), curveOf(curve), place);
  };
  redraw();
  onThemeChange(redraw);

  const begin = async (): Promise<void> => {
    const { profile, seed } = session;
    if (profile === null) return;
    running = new AbortController();
    curve.length = 0;
    adopt!.hidden = true;
    save!.hidden = true;
    setText(train!, "Stop");
    setText(state, "Loading TensorFlow.js…");
    const worker = new Worker(new URL("./train_worker.js", import.meta.url), { type: "module" });
    try {
      const reply = await new WorkerClient<TrainWorkerMethods>(worker).call(
        "train",
        { surface: profile.surface, nodes: NODES, updates: UPDATES, seed },
        { signal: running.signal, onProgress: add },
      );
      const last = curve.at(-1);
      if (last === undefined) return setText(state, "Stopped before the first update");
      trained = { reply, profile };
      adopt!.hidden = session.profile !== profile;
      save!.hidden = false;
      const updates = countText(last.update, "update");
      setText(
        state,
        `${updates} in ${last.seconds.toFixed(1)} s (${reply.backend}): ${gapNow()}`,
      );
    } catch (error) {
      setText(state, "");
      session.say((error as Error).message, true);
    } finally {
      worker.terminate();
      running = null;
      setText(train!, "Train again");
    }
  };
  const add = (progress: TrainProgress): void => {
    curve.push(progress);
    setText(state, `Update ${progress.update} of ${UPDATES}: ${gapNow()}`);
    draw();
  };
  const gapNow = (): string => {
    const last = curve.findLast(({ gap }) => gap !== null)?.gap ?? null;
    return last === null ? "" : `gap ${(last * 100).toFixed(2)} %`;
  };

  train!.addEventListener("click", () => running === null ? begin() : running.abort());
  adopt!.addEventListener("click", async () => {
    await session.adopt(trained!.reply.networks);
    session.say("Panels with metis now use the policy that was trained here");
  });
  save!.addEventListener("click", () => saveBlob("policy.tar", trained!.reply.archive));
  session.changes.follow(["profile"], () => {
    adopt!.hidden = trained === null || trained.profile !== session.profile;
    train!.disabled = session.profile === null;
  });
}

function curveOf(curve: readonly TrainProgress[]): uPlot.AlignedData {
  return [
    curve.map(({ update }) => update),
    curve.map(({ regret }) => Number.isFinite(regret) ? regret * 100 : null),
    curve.map(({ gap }) => gap === null ? null : gap * 100),
  ];
}

function optionsOf({ width, height }: ChartSize): uPlot.Options {
  const percent = (_self: uPlot, value: number | null): string =>
    value === null ? "–" : `${value.toFixed(2)} %`;
  return {
    width,
    height,
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: [0, UPDATES] },
      y: {
        range: (_self, _low, high) => [0, Number.isFinite(high) && high > 0 ? high * 1.05 : 10],
      },
    },
    axes: chartAxes("updates", "% lost"),
    series: [
      { label: "update" },
      {
        label: "samples, against their improved best",
        stroke: themeColor("--side-a"),
        width: 1,
        points: { show: false },
        value: percent,
      },
      {
        label: "policy, against the proven bound",
        stroke: themeColor("--side-b"),
        width: 2,
        spanGaps: true,
        points: { show: true, size: 5 },
        value: percent,
      },
    ],
  };
}
