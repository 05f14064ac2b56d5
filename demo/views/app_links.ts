/// <reference lib="dom" />
import type { Session } from "../session/session.ts";

/** Marks an element as one of an app: who points at it sees that app's containers everywhere. */
export function ofApp<Kind extends HTMLElement>(element: Kind, app: number): Kind {
  element.dataset["app"] = String(app);
  return element;
}

/** Lets the containers of the app that is pointed at stand out. */
export function followApp(session: Session): void {
  document.addEventListener("pointerover", ({ target }) => {
    const found = target instanceof Element ? target.closest<HTMLElement>("[data-app]") : null;
    session.standOut(found === null ? null : Number(found.dataset["app"]));
  });
}
