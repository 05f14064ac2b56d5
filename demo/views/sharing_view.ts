/// <reference lib="dom" />
import { lacksText, readAddress, writeAddress } from "../session/address.ts";
import type { Session } from "../session/session.ts";
import { byId } from "./dom.ts";
import { saveBlob, saveFile } from "./download.ts";
import { pictureOf, pngOf, svgOf } from "./picture.ts";
import { STORY } from "./turns_view.ts";

/** Keeps the address of the page up to date with what it shows, follows it where it changes, copies it; saves pictures. */
export function showSharing(session: Session): void {
  /** True while what is shown comes from the address: it is no new step of the history. */
  let followed = true;
  let latest = 0;
  session.changes.follow(["problem", "panels", "replanning"], async () => {
    const mine = ++latest;
    if (!session.settled || byId("dashboard").hidden) return;
    const hash = writeAddress(await session.address());
    if (mine !== latest || !session.settled) return;
    const method = followed ? "replaceState" : "pushState";
    followed = false;
    if (hash !== location.hash) history[method](null, "", hash);
  });
  addEventListener("hashchange", async () => {
    if (location.hash === STORY || byId("dashboard").hidden) return;
    followed = true;
    try {
      await session.follow(readAddress(location.hash));
    } catch (error) {
      session.say((error as Error).message, true);
    }
  });
  byId("save-svg").addEventListener("click", () => {
    saveFile("metis.svg", "image/svg+xml", svgOf(pictureOf(session)));
  });
  byId("save-png").addEventListener("click", async () => {
    saveBlob("metis.png", await pngOf(pictureOf(session)));
  });
  byId("share").addEventListener("click", async () => {
    try {
      const address = await session.address();
      history.replaceState(null, "", writeAddress(address));
      await navigator.clipboard.writeText(location.href);
      const missing = lacksText(address);
      session.say(
        missing === ""
          ? "Copied the link to what you see"
          : `Copied the link. It does not hold ${missing}`,
      );
    } catch {
      session.say(`Copy this address: ${location.href}`);
    }
  });
}
