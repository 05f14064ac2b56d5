// The tables of chances of the planner (metis_planner.ts): weights of completions, by additions only, and the final
// counts that a node of a configuration expects.

import { list } from "./choices";
import { after, clearCache, Planner } from "./planner";
import { countsRowWidth, countsTable } from "./prices";
import { added, apps, configurations, FORBIDDEN } from "../space/space";

/**
 * Fills the tables of one temperature t from its prices (f64[apps]), the inverse Hessian (f64[apps][apps]) and
 * the containers wanted (f64[apps], of the whole cluster); all are copied.
 */
export function fillWeights(
  address: usize,
  table: u32,
  t: f64,
  prices: usize,
  inverse: usize,
  wants: usize,
): void {
  const p = changetype<Planner>(address);
  const n = <usize> apps;
  const own = p.prices + <usize> table * n * 8;
  memory.copy(own, prices, n * 8);
  memory.copy(p.inverses + <usize> table * n * n * 8, inverse, n * n * 8);
  memory.copy(p.wants + <usize> table * n * 8, wants, n * 8);
  store<f64>(p.temperatures + (table << 3), t);
  const counts = countsTable();
  const width = countsRowWidth();
  const cells = <usize> p.classes * p.cells;
  const stages: usize = p.ordered ? apps : 1;
  const tableBase = p.weights + <usize> table * stages * cells * 8;
  const last = tableBase + (stages - 1) * cells * 8;
  for (let k: u32 = 0; k < p.classes; k++) {
    const row = last + <usize> k * p.cells * 8;
    const limit = load<u32>(p.limits + (k << 2));
    let best: f64 = FORBIDDEN;
    for (let rank: u32 = 0; rank < limit; rank++) {
      let score = load<f64>(p.values + (<usize> rank << 3));
      const held = counts + <usize> rank * width;
      for (let a: usize = 0; a < n; a++) {
        score -= load<f64>(own + (a << 3)) * <f64> load<u8>(held + a);
      }
      store<f64>(row + (<usize> rank << 3), score);
      best = max(best, score);
    }
    for (let rank: u32 = 0; rank < p.cells; rank++) {
      const at = row + (<usize> rank << 3);
      // Beyond 600 temperatures all is equally hopeless, but not impossible: chances stay defined.
      const score = load<f64>(at);
      store<f64>(
        at,
        rank >= limit || score < FORBIDDEN / 2 ? 0 : Math.exp(max(-600.0, (score - best) / t)),
      );
    }
  }
  const momentBase = p.moments + <usize> table * stages * n * cells * 8;
  const lastMoments = momentBase + (stages - 1) * n * cells * 8;
  for (let b: usize = 0; b < n; b++) {
    for (let k: u32 = 0; k < p.classes; k++) {
      const weights = last + <usize> k * p.cells * 8;
      const moments = lastMoments + (b * cells + <usize> k * p.cells) * 8;
      const limit = load<u32>(p.limits + (k << 2));
      for (let rank: u32 = 0; rank < limit; rank++) {
        const count = load<u8>(counts + <usize> rank * width + b);
        store<f64>(
          moments + (<usize> rank << 3),
          count ? load<f64>(weights + (<usize> rank << 3)) * <f64> count : 0,
        );
      }
    }
  }
  for (let a = apps - 1; a >= 0; a--) {
    if (!p.ordered) {
      complete(p, tableBase, tableBase, a);
      for (let b: usize = 0; b < n; b++) {
        const moments = momentBase + b * cells * 8;
        complete(p, moments, moments, a);
      }
      continue;
    }
    const stage = tableBase + <usize> a * cells * 8;
    complete(p, stage, a < apps - 1 ? stage + cells * 8 : stage, a);
    for (let b = <usize> a; b < n; b++) {
      const moments = momentBase + (<usize> a * n + b) * cells * 8;
      complete(p, moments, a < apps - 1 ? moments + n * cells * 8 : moments, a);
    }
  }
  clearCache(p);
}

/**
 * to[c] = from[c] + to[c + e_app]: sums over what app may still add. Where apps come in order, only
 * configurations without later apps are ever looked up, so only they are summed.
 */
function complete(p: Planner, to: usize, from: usize, app: i32): void {
  const list = p.turnRanks + ((<usize> app * p.cells) << 2);
  const count = p.ordered ? load<u32>(p.turnCounts + (app << 2)) : configurations;
  for (let k: u32 = 0; k < p.classes; k++) {
    const row = to + <usize> k * p.cells * 8;
    const source = from + <usize> k * p.cells * 8;
    const limit = load<u32>(p.limits + (k << 2));
    const room = load<u32>(p.rooms + (k << 2));
    for (let i: u32 = 0; i < count; i++) {
      const rank = p.ordered ? load<u32>(list + (<usize> i << 2)) : configurations - 1 - i;
      if (rank >= limit) continue;
      const at = <usize> rank << 3;
      let sum = load<f64>(source + at);
      if (rank < room) sum += load<f64>(row + (<usize> after(rank, app) << 3));
      store<f64>(row + at, sum);
    }
  }
}

/** Expected containers of app b still to come on a node, where apps from `stage` on may be added. */
export function expectedOf(p: Planner, table: u32, stage: usize, b: u32, k: u32, rank: u32): f64 {
  const cells = <usize> p.classes * p.cells;
  const stages: usize = p.ordered ? apps : 1;
  const cell = (<usize> k * p.cells + rank) << 3;
  const whole = load<f64>(p.weights + (<usize> table * stages + stage) * cells * 8 + cell);
  if (whole <= 0) return 0;
  const row = ((<usize> table * stages + stage) * apps + b) * cells * 8;
  const held = <f64> load<u8>(countsTable() + <usize> rank * countsRowWidth() + b);
  return max(0.0, load<f64>(p.moments + row + cell) / whole - held);
}
