/// <reference lib="dom" />
import { BUNDLED } from "../../mod.ts";
import { MOST_MOVES, writeAddress } from "../session/address.ts";
import type { Session } from "../session/session.ts";
import { byId } from "./dom.ts";

/** Keeps the address of the page up to date with what it shows, and copies it. */
export function showSharing(session: Session): void {
  session.changes.follow(["problem", "panels"], () => {
    if (session.profile === null) return;
    const { nodes, demand, seed, panels } = session;
    const schedulers = panels.map(({ scheduler }) => scheduler);
    // While a link is being followed, its moves stay in the address until they are made.
    if (panels.some(({ status }) => status === "waiting" || status === "placing")) return;
    const moves = panels.map((panel) => panel.moves);
    history.replaceState(null, "", writeAddress({ nodes, demand, seed, schedulers, moves }));
  });
  byId("share").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      const own = !BUNDLED.some(({ file }) => file === session.profile?.file);
      const long = session.panels.some(({ moves }) => moves.length > MOST_MOVES);
      session.say(
        long
          ? `Copied the link without the moves: a link holds at most ${MOST_MOVES}. Export the plan instead`
          : own
          ? "Copied the link. It does not hold your profile: who opens the link must load it first"
          : "Copied the link to what you see",
      );
    } catch {
      session.say(`Copy this address: ${location.href}`);
    }
  });
}
