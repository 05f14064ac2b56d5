/// <reference lib="dom" />
import { demandTotal } from "../../mod.ts";
import { NODE_CHOICES, type Session } from "../session/session.ts";
import { ofApp } from "./app_links.ts";
import { byId, find, make, setText } from "./dom.ts";
import { swatch } from "./swatch.ts";
import { countText } from "../session/words.ts";

/** Milliseconds without a change after which a demand is placed. */
const CALM = 120;
/** Most containers of an app that can be asked for, whether they have slots or not. */
const MOST_CONTAINERS = 100_000;

/** The choice of nodes, demand and seed. */
export function showProblem(session: Session): void {
  showNodes(session);
  showSeed(session);
  showAim(session);
  showDemandChoice(session);
  showSliders(session);
  session.changes.follow(["problem"], () => {
    const slots = session.capacities.reduce((sum, each) => sum + each, 0);
    const total = demandTotal(session.demand);
    byId<HTMLMeterElement>("fill").value = slots === 0 ? 0 : Math.min(1, total / slots);
    const text = byId("fill-text");
    const excess = session.excess === 0 ? "" : `: ${session.excess.toLocaleString("en")} too many`;
    setText(text, `${countText(total, "container")} on ${countText(slots, "slot")}${excess}`);
    text.classList.toggle("bad", excess !== "");
  });
}

function showNodes(session: Session): void {
  const group = byId("nodes");
  session.changes.follow(["problem"], () => {
    const { nodes } = session;
    const choices = [...NODE_CHOICES, nodes].filter((each, at, all) => all.indexOf(each) === at);
    if (choices.join() !== [...group.querySelectorAll("input")].map(({ value }) => value).join()) {
      group.replaceChildren(...choices.map((count) => {
        const input = make("input", { type: "radio", name: "nodes", value: String(count) });
        input.addEventListener("change", () => session.setNodes(count));
        return make("label", {}, input, make("span", {}, String(count)));
      }));
    }
    for (const input of group.querySelectorAll("input")) {
      input.checked = Number(input.value) === nodes;
      input.disabled = session.profile === null;
    }
  });
}

function showSeed(session: Session): void {
  const input = byId<HTMLInputElement>("seed");
  session.changes.follow(["problem"], () => {
    if (document.activeElement !== input) input.value = String(session.seed);
  });
  input.addEventListener("change", () => {
    if (input.value !== "" && input.checkValidity()) session.setSeed(Number(input.value));
    else input.value = String(session.seed);
  });
}

function showAim(session: Session): void {
  const objective = byId<HTMLSelectElement>("objective");
  const floor = byId<HTMLInputElement>("floor");
  const change = (): void => {
    const { floor: before } = session;
    const share = floor.value !== "" && floor.checkValidity() ? Number(floor.value) / 100 : before;
    session.setAim(objective.value as Session["objective"], share);
  };
  for (const choice of [objective, floor]) choice.addEventListener("change", change);
  session.changes.follow(["problem"], () => {
    const percent = String(Math.round(100 * session.floor));
    objective.value = session.objective;
    floor.value = percent;
    setText(
      byId("floor-note"),
      session.floor === 0
        ? "At 0 %, a container may be as slow as it gets."
        : `No placement counts where a container is slower than ${percent} % of its speed alone.`,
    );
  });
}

function showDemandChoice(session: Session): void {
  const choice = byId<HTMLSelectElement>("demand-choice");
  choice.addEventListener("change", () => {
    const found = session.profile?.demands[Number(choice.value)];
    if (found !== undefined) session.setDemand(found.demand);
  });
  session.changes.follow(["profile"], () => {
    const groups = new Map<string, HTMLElement>();
    session.profile?.demands.forEach(({ name, row, demand }, at) => {
      const group = groups.get(name) ?? make("optgroup", { label: name });
      groups.set(name, group);
      group.append(
        make("option", { value: String(at) }, `${demandTotal(demand)} containers, row ${row}`),
      );
    });
    const own = make("option", { value: "" }, "your own");
    choice.replaceChildren(own, ...groups.values());
  });
  session.changes.follow(["profile", "problem"], () => {
    const at = session.profile?.demands.findIndex(({ demand }) =>
      demand.join() === session.demand.join()
    ) ?? -1;
    choice.value = at < 0 ? "" : String(at);
  });
}

function showSliders(session: Session): void {
  const place = byId("demand");
  let timer = 0;
  let wanted: number[] = [];
  const change = (app: number, count: number): void => {
    if (timer === 0) wanted = [...session.demand];
    wanted[app] = count;
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      session.setDemand(wanted);
    }, CALM) as unknown as number;
  };
  session.changes.follow(["profile"], () => {
    place.replaceChildren(
      ...session.profile?.surface.apps.map((name, app) => {
        const slider = make("input", {
          type: "range",
          min: "0",
          ariaLabel: `Containers of ${name}`,
        });
        const number = make("input", {
          type: "number",
          min: "0",
          max: String(MOST_CONTAINERS),
          ariaLabel: `Containers of ${name}`,
        });
        slider.addEventListener("input", () => {
          number.value = slider.value;
          change(app, Number(slider.value));
        });
        number.addEventListener("input", () => {
          if (number.value === "" || !number.checkValidity()) return;
          slider.value = number.value;
          change(app, Number(number.value));
        });
        const row = make(
          "div",
          {},
          swatch(session.profile!.surface.apps, app),
          make("span", { className: "name" }, name),
          slider,
          number,
        );
        return ofApp(row, app);
      }) ?? [],
    );
  });
  session.changes.follow(["profile", "problem"], () => {
    const slots = session.capacities.reduce((sum, each) => sum + each, 0);
    const most = Math.max(...session.demand, Math.ceil(2 * slots / session.demand.length));
    session.demand.forEach((count, app) => {
      const row = place.children[app];
      if (row === undefined) return;
      const slider = find<HTMLInputElement>(row, "[type=range]");
      slider.max = String(most);
      slider.value = String(count);
      const number = find<HTMLInputElement>(row, "[type=number]");
      if (document.activeElement !== number) number.value = String(count);
    });
  });
}
