// What counts are worth at the corners of a box, and the best of them at given multipliers.

import { corner, highest, highOf, loadAt, lowest, lowOf } from "./box";
import { loadOf, parametersOf, serverOf, timeOf } from "./contention";
import { f, put, Relaxation, word } from "./relaxation";

/** RPS at the corners of the box, and the tangents of the loads. */
export function valueCorners(relaxation: Relaxation, box: usize): void {
  const apps = relaxation.apps;
  const model = relaxation.model;
  const width = relaxation.width;
  const low = lowest(box);
  const high = highest(box, apps);
  for (let resource: u32 = 0; resource < 4; resource++) {
    const middle = max(
      1 + 1e-9,
      (load<f64>(lowOf(box, resource)) + load<f64>(highOf(box, resource))) / 2,
    );
    const at = loadAt(middle);
    put(relaxation.tangents, resource, at - middle * middle / at);
    put(relaxation.tangents, 4 + resource, middle / at);
  }
  for (let app: u32 = 0; app < apps; app++) {
    const most = <u32> load<u8>(high + app);
    if (most == 0) continue;
    const parameters = parametersOf(model, app);
    const server = word(relaxation.servers, app);
    const circular = server < 0 && serverOf(model, app) >= 0;
    const alone = f64x2.splat(load<f64>(parameters, 88));
    const wait = load<f64>(parameters, 72);
    for (let pair: u32 = 0; pair < 8; pair++) {
      // Time at the two corners of the pair: they differ in the first resource.
      let rest = load<f64>(parameters, 64);
      for (let resource: u32 = 1; resource < 4; resource++) {
        rest += timeOf(model, app, resource) * corner(box, resource, pair << 1);
      }
      const first = timeOf(model, app, 0);
      const within = f64x2.replace_lane(
        f64x2.splat(rest + first * load<f64>(lowOf(box, 0))),
        1,
        rest + first * load<f64>(highOf(box, 0)),
      );
      if (server < 0) {
        let outside = wait;
        if (circular) {
          const serving = <f64> load<u8>(high + serverOf(model, app)) * load<f64>(parameters, 80);
          outside *= 1 - min(1, serving / max(1, <f64> load<u8>(low + app)));
        }
        const time = f64x2.add(within, f64x2.splat(outside));
        v128.store(relaxation.aloneRps + (<usize> (app * 8 + pair) << 4), f64x2.div(alone, time));
        continue;
      }
      const block = relaxation.pairs +
        ((<usize> word(relaxation.pairOf, app) * width * width) << 7);
      const served = load<f64>(parameters, 80);
      for (let i = <u32> load<u8>(low + server); i <= <u32> load<u8>(high + server); i++) {
        for (let j = <u32> load<u8>(low + app); j <= most; j++) {
          const at = block + (<usize> (i * width + j) << 7) + (<usize> pair << 4);
          if (j == 0) {
            v128.store(at, f64x2.splat(0));
            continue;
          }
          const count = <f64> j;
          const answered = min(1, <f64> i * served / count);
          const time = f64x2.add(within, f64x2.splat(wait * (1 - answered)));
          v128.store(at, f64x2.mul(f64x2.splat(count), f64x2.div(alone, time)));
        }
      }
    }
  }
}

/** RPS of all containers of an app at a corner, beside `i` of its server. */
// @ts-ignore: decorator
@inline
export function rpsOf(relaxation: Relaxation, at: u32, app: u32, i: u32, count: u32): f64 {
  const lane = <usize> at << 3;
  if (word(relaxation.servers, app) < 0) {
    return <f64> count * load<f64>(relaxation.aloneRps + (<usize> (app * 8) << 4) + lane);
  }
  const width = relaxation.width;
  const pair = (<u32> word(relaxation.pairOf, app) * width + i) * width + count;
  return load<f64>(relaxation.pairs + (<usize> pair << 7) + lane);
}

/** What multipliers (of loads, and of slots) and price charge a container. */
// @ts-ignore: decorator
@inline
export function costOf(relaxation: Relaxation, app: u32, duals: usize): f64 {
  const model = relaxation.model;
  return f(relaxation.limits.prices, app) + f(duals, 4) + f(duals, 0) * loadOf(model, app, 0) +
    f(duals, 1) * loadOf(model, app, 1) + f(duals, 2) * loadOf(model, app, 2) + f(duals, 3) * loadOf(model, app, 3);
}

/** Throughput minus price of counts at a corner. */
export function valueAt(relaxation: Relaxation, at: u32, counts: usize): f64 {
  let sum: f64 = 0;
  for (let app: u32 = 0; app < relaxation.apps; app++) {
    const count = <u32> load<u8>(counts + app);
    if (!count) continue;
    const server = word(relaxation.servers, app);
    const i: u32 = server < 0 ? 0 : <u32> load<u8>(counts + server);
    sum += rpsOf(relaxation, at, app, i, count) - <f64> count * f(relaxation.limits.prices, app);
  }
  return sum;
}

/**
 * The most that counts of the box are worth at a corner, less what multipliers (of loads, and of slots) charge them; the
 * counts go into `found`.
 */
export function priceCorner(relaxation: Relaxation, box: usize, at: u32, duals: usize): f64 {
  const apps = relaxation.apps;
  const width = relaxation.width;
  const low = lowest(box);
  const high = highest(box, apps);
  const lane = <usize> at << 3;
  const own = relaxation.own;
  let sum: f64 = 0;
  for (let place: u32 = 0; place < apps; place++) {
    const app = word(relaxation.order, place);
    const least = <u32> load<u8>(low + app);
    const most = <u32> load<u8>(high + app);
    const server = word(relaxation.servers, app);
    const client = word(relaxation.firstClient, app);
    const picks = relaxation.picks + <usize> app * width;
    if (most == 0 && client < 0) {
      if (server < 0) {
        store<u8>(picks, 0);
        continue;
      }
      for (let i = <u32> load<u8>(low + server); i <= <u32> load<u8>(high + server); i++) {
        put(relaxation.best, app * width + i, 0);
        store<u8>(picks + i, 0);
      }
      continue;
    }
    const cost = costOf(relaxation, app, duals);
    if (server < 0) {
      const rps = most == 0 ? 0.0 : load<f64>(relaxation.aloneRps + (<usize> (app * 8) << 4) + lane);
      const unit = rps - cost;
      if (client < 0) {
        const count = unit > 0 ? most : least;
        store<u8>(picks, count);
        sum += unit * <f64> count;
        continue;
      }
      let top = -Infinity;
      for (let j = least; j <= most; j++) {
        const value = unit * <f64> j + behind(relaxation, client, j);
        if (value > top) {
          top = value;
          store<u8>(picks, j);
        }
      }
      sum += top;
      continue;
    }
    for (let j = least; j <= most; j++) put(own, j, behind(relaxation, client, j) - cost * <f64> j);
    const block = relaxation.pairs + ((<usize> word(relaxation.pairOf, app) * width * width) << 7) + lane;
    for (let i = <u32> load<u8>(low + server); i <= <u32> load<u8>(high + server); i++) {
      let top = -Infinity;
      let pick = least;
      for (let j = least; j <= most; j++) {
        const value = load<f64>(block + (<usize> (i * width + j) << 7)) + f(own, j);
        if (value > top) {
          top = value;
          pick = j;
        }
      }
      put(relaxation.best, app * width + i, top);
      store<u8>(picks + i, pick);
    }
  }
  const found = relaxation.found;
  // Servers before those that wait for them.
  for (let place = <i32> apps - 1; place >= 0; place--) {
    const app = word(relaxation.order, place);
    const server = word(relaxation.servers, app);
    const i: u32 = server < 0 ? 0 : <u32> load<u8>(found + server);
    store<u8>(found + app, load<u8>(relaxation.picks + <usize> app * width + i));
  }
  return sum;
}

/** What those that wait for an app are worth beside some containers of it. */
// @ts-ignore: decorator
@inline
export function behind(relaxation: Relaxation, client: i32, count: u32): f64 {
  let sum: f64 = 0;
  for (let c = client; c >= 0; c = word(relaxation.nextClient, c)) {
    sum += f(relaxation.best, <u32> c * relaxation.width + count);
  }
  return sum;
}
