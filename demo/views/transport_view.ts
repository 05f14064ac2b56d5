/// <reference lib="dom" />
import type { Session } from "../session/session.ts";
import { byId, setText } from "./dom.ts";
import { playOn } from "./frames.ts";

/** Elements in which letters and the space bar are already meant for something. */
const TYPING = "input, select, button, textarea, summary, canvas, ol, [contenteditable]";

/** Plays, pauses, steps and winds the replay. */
export function showTransport(session: Session): void {
  const { playback } = session;
  const [play, back, on, stop] = ["play", "step-back", "step-on", "stop"].map((id) =>
    byId<HTMLButtonElement>(id)
  );
  const scrub = byId<HTMLInputElement>("scrub");
  const speed = byId<HTMLInputElement>("speed");
  speed.value = String(playback.speed);

  const show = (): void => {
    for (const { replay } of session.panels) replay?.seek(playback.step);
    session.changes.tell("playback");
  };
  const toggle = (): void => {
    playback.toggle();
    if (playback.playing) playOn(playback, show);
    show();
  };
  const step = (by: number): void => {
    playback.playing = false;
    playback.seek(playback.step + by);
    show();
  };

  play!.addEventListener("click", toggle);
  back!.addEventListener("click", () => step(-1));
  on!.addEventListener("click", () => step(1));
  stop!.addEventListener("click", () => session.stop());
  scrub.addEventListener("input", () => step(Number(scrub.value) - playback.step));
  speed.addEventListener("input", () => {
    playback.speed = Number(speed.value);
    session.changes.tell("playback");
  });
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target instanceof Element && target.matches(TYPING)) return;
    if (key === " ") toggle();
    else if (key === ",") step(-1);
    else if (key === ".") step(1);
    else return;
    event.preventDefault();
  });

  session.changes.follow(["playback", "panels", "problem"], () => {
    const { step, last, playing } = playback;
    scrub.max = String(last);
    scrub.value = String(step);
    setText(play!, playing ? "Pause" : "Play");
    setText(byId("placed"), `${step} / ${last}`);
    const rate = playback.rate < 10 ? playback.rate.toFixed(1) : playback.rate.toFixed(0);
    setText(byId("rate"), `${rate}/s`);
    speed.ariaValueText = `${rate} containers a second`;
    back!.disabled = step === 0;
    on!.disabled = step === last;
    stop!.hidden = !session.busy;
  });
  // While a scheduler runs, its seconds count on.
  setInterval(() => session.busy && session.changes.tell("panels"), 50);
}
