// What counts are worth at the corners of a box, and the best of them at given multipliers.

import { corner, highest, highOf, loadAt, lowest, lowOf } from "./box";
import { loadOf, parametersOf, serverOf, timeOf } from "./contention";
import { f, put, Relaxation, word } from "./relaxation";

/** Where the RPS at a corner of an app without a server is. */
// @ts-ignore: decorator
@inline
function aloneAt(relaxation: Relaxation, at: u32, app: u32): usize {
  return relaxation.aloneRps + (<usize> (at * relaxation.apps + app) << 3);
}

/** Where the values at a corner of an app with a server begin. */
// @ts-ignore: decorator
@inline
function pairsAt(relaxation: Relaxation, at: u32, app: u32): usize {
  const width = relaxation.width;
  return relaxation.pairs + <usize> at * relaxation.plane +
    ((<usize> word(relaxation.pairOf, app) * width * width) << 3);
}

/** Stores the values of two corners, which lie `apart` bytes apart. */
// @ts-ignore: decorator
@inline
function putBoth(at: usize, apart: usize, values: v128): void {
  store<f64>(at, f64x2.extract_lane(values, 0));
  store<f64>(at + apart, f64x2.extract_lane(values, 1));
}

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
        putBoth(aloneAt(relaxation, pair << 1, app), <usize> apps << 3, f64x2.div(alone, time));
        continue;
      }
      const block = pairsAt(relaxation, pair << 1, app);
      const served = load<f64>(parameters, 80);
      for (let i = <u32> load<u8>(low + server); i <= <u32> load<u8>(high + server); i++) {
        for (let j = <u32> load<u8>(low + app); j <= most; j++) {
          const at = block + (<usize> (j * width + i) << 3);
          if (j == 0) {
            putBoth(at, relaxation.plane, f64x2.splat(0));
            continue;
          }
          const count = <f64> j;
          const answered = min(1, <f64> i * served / count);
          const time = f64x2.add(within, f64x2.splat(wait * (1 - answered)));
          putBoth(at, relaxation.plane, f64x2.mul(f64x2.splat(count), f64x2.div(alone, time)));
        }
      }
    }
  }
}

/** RPS of all containers of an app at a corner, beside `i` of its server. */
// @ts-ignore: decorator
@inline
export function rpsOf(relaxation: Relaxation, at: u32, app: u32, i: u32, count: u32): f64 {
  if (word(relaxation.servers, app) < 0) return <f64> count * load<f64>(aloneAt(relaxation, at, app));
  return load<f64>(pairsAt(relaxation, at, app) + (<usize> (count * relaxation.width + i) << 3));
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
  const own = relaxation.own;
  let sum: f64 = 0;
  for (let place: u32 = 0; place < apps; place++) {
    const app = word(relaxation.order, place);
    const least = <u32> load<u8>(low + app);
    const most = <u32> load<u8>(high + app);
    const server = word(relaxation.servers, app);
    const client = word(relaxation.firstClient, app);
    const found = relaxation.found + app;
    if (most == 0 && client < 0) {
      store<u8>(found, 0);
      if (server < 0) continue;
      for (let i = <u32> load<u8>(low + server); i <= <u32> load<u8>(high + server); i++) {
        put(relaxation.best, app * width + i, 0);
      }
      continue;
    }
    const cost = costOf(relaxation, app, duals);
    if (server < 0) {
      const rps = most == 0 ? 0.0 : load<f64>(aloneAt(relaxation, at, app));
      const unit = rps - cost;
      if (client < 0) {
        const count = unit > 0 ? most : least;
        store<u8>(found, count);
        sum += unit * <f64> count;
        continue;
      }
      let top = -Infinity;
      for (let j = least; j <= most; j++) {
        const value = unit * <f64> j + behind(relaxation, client, j);
        if (value > top) {
          top = value;
          store<u8>(found, j);
        }
      }
      sum += top;
      continue;
    }
    for (let j = least; j <= most; j++) put(own, j, behind(relaxation, client, j) - cost * <f64> j);
    // Two counts of the server at a time.
    const block = pairsAt(relaxation, at, app);
    const last = <u32> load<u8>(high + server);
    for (let i = <u32> load<u8>(low + server); i <= last; i += 2) {
      let top = f64x2.splat(-Infinity);
      for (let j = least; j <= most; j++) {
        const value = v128.load(block + (<usize> (j * width + i) << 3));
        top = f64x2.pmax(top, f64x2.add(value, f64x2.splat(f(own, j))));
      }
      const best = relaxation.best + (<usize> (app * width + i) << 3);
      if (i < last) v128.store(best, top);
      else store<f64>(best, f64x2.extract_lane(top, 0));
    }
  }
  // Servers before those that wait for them.
  for (let place = <i32> apps - 1; place >= 0; place--) {
    const app = word(relaxation.order, place);
    if (word(relaxation.servers, app) >= 0) pickBeside(relaxation, box, at, app, duals);
  }
  return sum;
}

/** Finds the count of an app that is worth most beside the count found of its server. */
function pickBeside(relaxation: Relaxation, box: usize, at: u32, app: u32, duals: usize): void {
  const found = relaxation.found;
  const least = <u32> load<u8>(lowest(box) + app);
  const most = <u32> load<u8>(highest(box, relaxation.apps) + app);
  store<u8>(found + app, least);
  if (least == most) return;
  const i = <u32> load<u8>(found + word(relaxation.servers, app));
  const client = word(relaxation.firstClient, app);
  const cost = costOf(relaxation, app, duals);
  let top = -Infinity;
  for (let j = least; j <= most; j++) {
    const value = rpsOf(relaxation, at, app, i, j) + behind(relaxation, client, j) - cost * <f64> j;
    if (value > top) {
      top = value;
      store<u8>(found + app, j);
    }
  }
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
