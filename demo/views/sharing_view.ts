/// <reference lib="dom" />
import { BUNDLED } from "../../mod.ts";
import { writeAddress } from "../session/address.ts";
import type { Session } from "../session/session.ts";
import { byId } from "./dom.ts";

/** Keeps the address of the page up to date with what it shows, and copies it. */
export function showSharing(session: Session): void {
  session.changes.follow(["problem", "panels"], () => {
    if (session.profile === null) return;
    const { nodes, demand, seed, panels } = session;
    const schedulers = panels.map(({ scheduler }) => scheduler);
    history.replaceState(null, "", writeAddress({ nodes, demand, seed, schedulers }));
  });
  byId("share").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      const own = !BUNDLED.some(({ file }) => file === session.profile?.file);
      session.say(
        own
          ? "Copied the link. Your profile stays here: whoever opens the link loads it first"
          : "Copied the link to what you see",
      );
    } catch {
      session.say(`Copy this address: ${location.href}`);
    }
  });
}
