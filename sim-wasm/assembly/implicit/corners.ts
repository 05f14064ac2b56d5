// The Lagrangian function at the corners of a box: its most for given multipliers, and the counts there.

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

/** Most of the Lagrangian function at each corner for given multipliers; the best corner, and in `found` its counts. */
export function price(relaxation: Relaxation, box: usize, duals: usize): f64 {
  const apps = relaxation.apps;
  const model = relaxation.model;
  const limits = relaxation.limits;
  const width = relaxation.width;
  const low = lowest(box);
  const high = highest(box, apps);
  for (let app: u32 = 0; app < apps; app++) {
    let cost = f(limits.prices, app) + f(duals, 4);
    for (let resource: u32 = 0; resource < 4; resource++) {
      cost += f(duals, resource) * loadOf(model, app, resource);
    }
    put(relaxation.costs, app, cost);
  }
  let bestCorner: u32 = 0;
  let bestSum: f64 = -Infinity;
  const negative = f64x2.splat(-Infinity);
  const own = relaxation.own;
  for (let pair: u32 = 0; pair < 8; pair++) {
    const lane = <usize> pair << 4;
    let rest = f(duals, 4) * <f64> limits.capacity;
    for (let resource: u32 = 1; resource < 4; resource++) {
      rest += f(duals, resource) *
        (f(relaxation.tangents, resource) +
          f(relaxation.tangents, 4 + resource) * corner(box, resource, pair << 1));
    }
    let sum = f64x2.replace_lane(
      f64x2.splat(
        rest +
          f(duals, 0) *
            (f(relaxation.tangents, 0) + f(relaxation.tangents, 4) * load<f64>(lowOf(box, 0))),
      ),
      1,
      rest +
        f(duals, 0) *
          (f(relaxation.tangents, 0) + f(relaxation.tangents, 4) * load<f64>(highOf(box, 0))),
    );
    for (let at: u32 = 0; at < apps; at++) {
      const app = word(relaxation.order, at);
      const least = <u32> load<u8>(low + app);
      const most = <u32> load<u8>(high + app);
      const server = word(relaxation.servers, app);
      const client = word(relaxation.firstClient, app);
      const cost = f64x2.splat(f(relaxation.costs, app));
      if (most == 0 && client < 0) {
        if (server < 0) continue;
        for (let i = <u32> load<u8>(low + server); i <= <u32> load<u8>(high + server); i++) {
          v128.store(relaxation.best + (<usize> (app * width + i) << 7) + lane, f64x2.splat(0));
        }
        continue;
      }
      if (server < 0) {
        const rps = most == 0
          ? f64x2.splat(0)
          : v128.load(relaxation.aloneRps + (<usize> (app * 8) << 4) + lane);
        const gain = f64x2.sub(rps, cost);
        if (client < 0) {
          const few = f64x2.mul(gain, f64x2.splat(<f64> least));
          const many = f64x2.mul(gain, f64x2.splat(<f64> most));
          sum = f64x2.add(sum, f64x2.pmax(few, many));
          continue;
        }
        let top = negative;
        for (let j = least; j <= most; j++) {
          let value = f64x2.mul(gain, f64x2.splat(<f64> j));
          for (let c = client; c >= 0; c = word(relaxation.nextClient, c)) {
            value = f64x2.add(
              value,
              v128.load(relaxation.best + (<usize> (<u32> c * width + j) << 7) + lane),
            );
          }
          top = f64x2.pmax(top, value);
        }
        sum = f64x2.add(sum, top);
        continue;
      }
      for (let j = least; j <= most; j++) {
        let value = f64x2.neg(f64x2.mul(cost, f64x2.splat(<f64> j)));
        for (let c = client; c >= 0; c = word(relaxation.nextClient, c)) {
          value = f64x2.add(
            value,
            v128.load(relaxation.best + (<usize> (<u32> c * width + j) << 7) + lane),
          );
        }
        v128.store(own + (<usize> j << 7) + lane, value);
      }
      const block = relaxation.pairs +
        ((<usize> word(relaxation.pairOf, app) * width * width) << 7) + lane;
      for (let i = <u32> load<u8>(low + server); i <= <u32> load<u8>(high + server); i++) {
        let top = negative;
        for (let j = least; j <= most; j++) {
          const value = f64x2.add(
            v128.load(own + (<usize> j << 7) + lane),
            v128.load(block + (<usize> (i * width + j) << 7)),
          );
          top = f64x2.pmax(top, value);
        }
        v128.store(relaxation.best + (<usize> (app * width + i) << 7) + lane, top);
      }
    }
    const first = f64x2.extract_lane(sum, 0);
    const second = f64x2.extract_lane(sum, 1);
    if (first > bestSum) {
      bestSum = first;
      bestCorner = pair << 1;
    }
    if (second > bestSum) {
      bestSum = second;
      bestCorner = (pair << 1) + 1;
    }
  }
  trace(relaxation, box, bestCorner);
  store<u32>(relaxation.found + ((<usize> apps + 3) & ~3), bestCorner);
  return bestSum;
}

/** The counts of the best configuration at a corner, into `found`: the values of `best` are still those of `price`. */
function trace(relaxation: Relaxation, box: usize, at: u32): void {
  const apps = relaxation.apps;
  const width = relaxation.width;
  const found = relaxation.found;
  const low = lowest(box);
  const high = highest(box, apps);
  const lane = <usize> at << 3;
  // Servers before those that wait for them.
  for (let place = <i32> apps - 1; place >= 0; place--) {
    const app = word(relaxation.order, place);
    const server = word(relaxation.servers, app);
    const cost = f(relaxation.costs, app);
    let top = -Infinity;
    let count = <u32> load<u8>(low + app);
    const i: u32 = server < 0 ? 0 : <u32> load<u8>(found + server);
    const block: usize = server < 0
      ? <usize> 0
      : relaxation.pairs + ((<usize> word(relaxation.pairOf, app) * width * width) << 7) + lane;
    const rps = server < 0 ? load<f64>(relaxation.aloneRps + (<usize> (app * 8) << 4) + lane) : 0.0;
    for (let j = count; j <= <u32> load<u8>(high + app); j++) {
      let value = -cost * <f64> j;
      if (j > 0) {
        value += server < 0
          ? rps * <f64> j
          : load<f64>(block + (<usize> (i * width + j) << 7));
      }
      for (let c = word(relaxation.firstClient, app); c >= 0; c = word(relaxation.nextClient, c)) {
        value += load<f64>(relaxation.best + (<usize> (<u32> c * width + j) << 7) + lane);
      }
      if (value > top) {
        top = value;
        count = j;
      }
    }
    store<u8>(found + app, count);
  }
}
