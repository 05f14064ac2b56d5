// Counts of a box that cannot be worth more than what is known (reduced cost fixing).

import { highest, lowest } from "./box";
import { behind, costOf, priceCorner, rpsOf } from "./corners";
import { CORNER_BYTES, f, put, Relaxation, word } from "./relaxation";

/** Covers the rounding of the losses. */
const SLACK: f64 = 1e-9;

/**
 * Leaves out the counts that lower the bound by more than `gap` at every corner: what is worth more than the bound less
 * the gap has none of them. Returns whether there are any.
 */
export function fixCounts(relaxation: Relaxation, box: usize, gap: f64): bool {
  const apps = relaxation.apps;
  const width = relaxation.width;
  const low = lowest(box);
  const high = highest(box, apps);
  for (let at: u32 = 0; at < apps * width; at++) put(relaxation.losses, at, Infinity);
  for (let at: u32 = 0; at < 16; at++) noteLosses(relaxation, box, at);
  let any = false;
  for (let app: u32 = 0; app < apps; app++) {
    const losses = relaxation.losses + (<usize> (app * width) << 3);
    let least = <u32> load<u8>(low + app);
    let most = <u32> load<u8>(high + app);
    while (most > least && f(losses, most) > gap + SLACK) most--;
    while (least < most && f(losses, least) > gap + SLACK) least++;
    if (most == load<u8>(high + app) && least == load<u8>(low + app)) continue;
    any = true;
    store<u8>(high + app, most);
    store<u8>(low + app, least);
  }
  return any;
}

// @ts-ignore: decorator
@inline
function note(losses: usize, count: u32, loss: f64): void {
  if (loss < f(losses, count)) put(losses, count, loss);
}

/** Takes what each count costs at a corner into the losses. Of those behind a server that waits itself nothing is said. */
function noteLosses(relaxation: Relaxation, box: usize, at: u32): void {
  const apps = relaxation.apps;
  const width = relaxation.width;
  const low = lowest(box);
  const high = highest(box, apps);
  const duals = relaxation.corners + <usize> at * CORNER_BYTES + 8;
  priceCorner(relaxation, box, at, duals);
  const found = relaxation.found;
  for (let app: u32 = 0; app < apps; app++) {
    const losses = relaxation.losses + (<usize> (app * width) << 3);
    const least = <u32> load<u8>(low + app);
    const most = <u32> load<u8>(high + app);
    if (least == most) continue;
    const server = word(relaxation.servers, app);
    const client = word(relaxation.firstClient, app);
    const cost = costOf(relaxation, app, duals);
    if (server < 0) {
      const chosen = <u32> load<u8>(found + app);
      const unit = rpsOf(relaxation, at, app, 0, 1) - cost;
      const top = unit * <f64> chosen + behind(relaxation, client, chosen);
      for (let j = least; j <= most; j++) note(losses, j, top - unit * <f64> j - behind(relaxation, client, j));
      continue;
    }
    if (word(relaxation.servers, server) >= 0) {
      for (let j = least; j <= most; j++) put(losses, j, 0);
      continue;
    }
    // With the best count of the server for each own count.
    const first = word(relaxation.firstClient, server);
    const unit = load<u8>(high + server) == 0
      ? 0.0
      : rpsOf(relaxation, at, server, 0, 1) - costOf(relaxation, server, duals);
    const chosen = <u32> load<u8>(found + server);
    const top = unit * <f64> chosen + behind(relaxation, first, chosen);
    for (let j = least; j <= most; j++) {
      const own = behind(relaxation, client, j) - cost * <f64> j;
      let best = -Infinity;
      for (let i = <u32> load<u8>(low + server); i <= <u32> load<u8>(high + server); i++) {
        const others = unit * <f64> i + behind(relaxation, first, i) - f(relaxation.best, app * width + i);
        best = max(best, others + own + rpsOf(relaxation, at, app, i, j));
      }
      note(losses, j, top - best);
    }
  }
}
