/// <reference lib="dom" />
import type { TrainProgress, TrainReply, TrainWorkerMethods } from "../worker/protocol.ts";
import { WorkerClient } from "../worker/rpc.ts";
import type { Session } from "../session/session.ts";
import { drawChart, line, roundAxis, sideClass } from "./chart.ts";
import { byId, make, setText } from "./dom.ts";
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
  let running: AbortController | null = null;
  let trained: { readonly reply: TrainReply; readonly profile: unknown } | null = null;

  const draw = (): void => drawCurve(place, curve);
  draw();

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

/** What is lost over the updates: by what the policy tries, and by the policy. */
function drawCurve(place: HTMLElement, curve: readonly TrainProgress[]): void {
  const tried = curve.filter(({ regret }) => Number.isFinite(regret));
  const measured = curve.filter(({ gap }) => gap !== null);
  const lost = [...tried.map(({ regret }) => regret), ...measured.map(({ gap }) => gap!)];
  const { end, ticks } = roundAxis(100 * Math.max(0, ...lost) || 10);
  const at = (update: number, share: number) => [update / UPDATES, 100 * share / end] as const;
  const points = measured.map(({ update, gap }) => at(update, gap!));
  const dots = points.map(([x, y]) => {
    const dot = make("span", { className: "dot side-b", ariaHidden: "true" });
    dot.style.setProperty("--x", String(x));
    dot.style.setProperty("--y", String(y));
    return dot;
  });
  drawChart(place, {
    x: {
      label: "updates →",
      ticks: [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: String(UPDATES * at) })),
    },
    y: { label: "% lost ↑", ticks },
    series: ["what it tries, against the same improved", "the policy, against the proven bound"],
    marks: [
      line(tried.map(({ update, regret }) => at(update, regret)), sideClass(0)),
      line(points, sideClass(1)),
      ...dots,
    ],
  });
}
