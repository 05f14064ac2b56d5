// Draws the sides of a box nearer.

import { Permit } from "../space/permit";
import { highest, highOf, loadAt, lowest, lowOf, stretchOf } from "./box";
import { Limits } from "./climb";
import { loadOf } from "./contention";
import { Relaxation, word } from "./relaxation";

/** Lowers the highest counts to what the resources of a node allow; false if the lowest are too much already. */
function tightenResources(limits: Limits, low: usize, high: usize): bool {
  const permit = changetype<Permit>(limits.permit);
  for (let resource: u32 = 0; resource < permit.resources; resource++) {
    const needs = permit.needs + (<usize> resource << 3);
    const stride = <usize> permit.resources << 3;
    let left = load<f64>(permit.amounts + (<usize> resource << 3));
    for (let app: u32 = 0; app < limits.apps; app++) {
      left -= <f64> load<u8>(low + app) * load<f64>(needs + app * stride);
    }
    if (left < 0) return false;
    for (let app: u32 = 0; app < limits.apps; app++) {
      const one = load<f64>(needs + app * stride);
      const more = <u32> load<u8>(high + app) - <u32> load<u8>(low + app);
      if (one > 0 && <f64> more * one > left) {
        store<u8>(high + app, load<u8>(low + app) + <u32> (left / one));
      }
    }
  }
  return true;
}

/** Draws the sides of a box nearer where slots, loads and rules allow it; false if nothing is left in it. */
export function tighten(relaxation: Relaxation, box: usize): bool {
  const apps = relaxation.apps;
  const model = relaxation.model;
  const limits = relaxation.limits;
  const low = lowest(box);
  const high = highest(box, apps);
  if (limits.apart) {
    for (let a: u32 = 0; a < apps; a++) {
      if (!load<u8>(low + a)) continue;
      const row = limits.apart + <usize> a * apps;
      for (let b: u32 = 0; b < apps; b++) {
        if (!load<u8>(row + b)) continue;
        if (load<u8>(low + b)) return false;
        store<u8>(high + b, 0);
      }
    }
  }
  if (limits.permit && !tightenResources(limits, low, high)) return false;
  let total: u32 = 0;
  for (let app: u32 = 0; app < apps; app++) total += load<u8>(low + app);
  if (total > limits.capacity) return false;
  const free = limits.capacity - total;
  for (let resource: u32 = 0; resource < 4; resource++) {
    let least: f64 = 0;
    for (let app: u32 = 0; app < apps; app++) {
      least += <f64> load<u8>(low + app) * loadOf(model, app, resource);
    }
    // Rounding must not cut off a configuration at the side of the box.
    const most = loadAt(load<f64>(highOf(box, resource))) + 1e-9;
    if (least > most) return false;
    for (let app: u32 = 0; app < apps; app++) {
      const one = loadOf(model, app, resource);
      let more = <u32> load<u8>(high + app) - <u32> load<u8>(low + app);
      more = min(more, free);
      if (one > 0 && <f64> more * one > most - least) more = <u32> ((most - least) / one);
      store<u8>(high + app, load<u8>(low + app) + more);
    }
    const stretched = stretchOf(least) - 1e-12;
    if (stretched > load<f64>(lowOf(box, resource))) store<f64>(lowOf(box, resource), stretched);
  }
  for (let resource: u32 = 0; resource < 4; resource++) {
    const sorted = relaxation.byLoad + <usize> (resource * apps) * 4;
    let most: f64 = 0;
    for (let app: u32 = 0; app < apps; app++) {
      most += <f64> load<u8>(low + app) * loadOf(model, app, resource);
    }
    let left = free;
    for (let at: u32 = 0; at < apps && left > 0; at++) {
      const app = word(sorted, at);
      const more = min(left, <u32> load<u8>(high + app) - <u32> load<u8>(low + app));
      most += <f64> more * loadOf(model, app, resource);
      left -= more;
    }
    const stretched = stretchOf(most) + 1e-12;
    if (stretched < load<f64>(lowOf(box, resource)) - 1e-9) return false;
    if (stretched < load<f64>(highOf(box, resource))) store<f64>(highOf(box, resource), stretched);
    if (load<f64>(highOf(box, resource)) < load<f64>(lowOf(box, resource))) {
      store<f64>(highOf(box, resource), load<f64>(lowOf(box, resource)));
    }
  }
  return true;
}
