/// <reference lib="dom" />
import { BUNDLED } from "../../mod.ts";
import type { NamedFile } from "../session/packing.ts";
import type { Session } from "../session/session.ts";
import { byId, setText } from "./dom.ts";
import { saveFile } from "./download.ts";
import { countText } from "../session/words.ts";
import { secondsText } from "./figures.ts";

/** A profile to fill in: containers of each app on a node, and the requests a second of one container of each. */
const TEMPLATE = `web,db,rps:web,rps:db
1,0,250,
0,1,,900
1,1,240,700
2,0,190,
0,2,,610
2,1,180,520
`;

/** Loads profiles and plans, by the buttons or dropped on the page. */
export function showFiles(session: Session): void {
  const inputs = [
    { input: byId<HTMLInputElement>("profile-file"), load: loadProfile },
    { input: byId<HTMLInputElement>("plan-file"), load: loadPlan },
  ];
  for (const { input, load } of inputs) {
    input.addEventListener("change", async () => {
      const file = input.files?.[0];
      if (file !== undefined) await attempt(session, () => load(session, file));
      // The same file again is a change as well.
      input.value = "";
    });
  }
  byId("template").addEventListener("click", () => saveFile("profile.csv", "text/csv", TEMPLATE));
  const bundled = byId<HTMLButtonElement>("bundled");
  bundled.addEventListener(
    "click",
    () => attempt(session, () => session.openBundled()),
  );
  session.changes.follow(["profile"], () => {
    const { profile } = session;
    bundled.hidden = profile === null || BUNDLED.some(({ file }) => file === profile.file);
    if (profile === null) return;
    const { apps, capacity } = profile.surface;
    setText(
      byId("profile"),
      `${profile.file}: ${countText(profile.rows, "measured configuration")} of ${
        countText(apps.length, "app")
      } on ${countText(capacity, "slot")}; model ${profile.model}, fitted in ${
        secondsText(profile.fitSeconds)
      } s`,
    );
  });
  followDrops(session);
}

async function loadProfile(session: Session, file: File): Promise<void> {
  await session.openFile(await readFile(file));
}

async function loadPlan(session: Session, file: File): Promise<void> {
  await session.showPlan(await readFile(file));
}

async function readFile(file: File): Promise<NamedFile> {
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}

function followDrops(session: Session): void {
  const { body } = document;
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) body.classList.remove("dropping");
  });
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    body.classList.remove("dropping");
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    const load = file.name.endsWith(".json") ? loadPlan : loadProfile;
    await attempt(session, () => load(session, file));
  });
}

/** What goes wrong with a file is said in one line; what was there before stays. */
async function attempt(session: Session, work: () => Promise<void>): Promise<void> {
  try {
    session.notice = null;
    session.changes.tell("notices");
    await work();
  } catch (error) {
    session.say((error as Error).message, true);
  }
}
