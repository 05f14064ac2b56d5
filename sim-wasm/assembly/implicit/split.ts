// Where a box is split that is not settled.

import { Box, highest, highOf, loadAt, lowest, lowOf, NOWHERE } from "./box";
import { loadOf, serverOf } from "./contention";
import { f, Relaxation, word } from "./relaxation";

/** Share of the gap of a box from which on what lies between its corners is split first. */
const SPATIAL: f64 = 0.35;
/** Width of a load below which it is not split. */
const NARROW: f64 = 0.1;
/** How much more the mixed counts of an app matter for each container that waits for it. */
const SERVED: f64 = 8;

/**
 * Splits the load in which the bound bends most between the corners, or where that is not what keeps it high, the counts
 * that the linear programs mix most. gap: what the bound is above what it should be.
 */
export function chooseSplit(relaxation: Relaxation, address: usize, gap: f64): void {
  const box = changetype<Box>(address);
  const apps = relaxation.apps;
  const model = relaxation.model;
  const limits = relaxation.limits;
  const low = lowest(address);
  const high = highest(address, apps);
  // Nothing but their counts makes the bound of servers in a circle exact.
  for (let app: u32 = 0; app < apps; app++) {
    if (word(relaxation.servers, app) >= 0 || serverOf(model, app) < 0) continue;
    if (splitRange(box, app, low, high) || splitRange(box, serverOf(model, app), low, high)) return;
  }
  let split: u32 = NOWHERE;
  let spread: f64 = 0;
  let middle: f64 = 0;
  let together: u32 = NOWHERE;
  for (let app: u32 = 0; app < apps; app++) {
    if (load<u8>(high + app) == load<u8>(low + app)) continue;
    const mean = f(relaxation.means, app);
    let weight = 0.0;
    for (let r: u32 = 0; r < 4; r++) weight += loadOf(model, app, r) * loadOf(model, app, r);
    let value = Math.sqrt(max(0, f(relaxation.squares, app) - mean * mean)) * (0.1 + Math.sqrt(weight));
    let served: f64 = 0;
    for (let one = word(relaxation.firstClient, app); one >= 0; one = word(relaxation.nextClient, one)) {
      served += f(relaxation.means, one);
    }
    value *= 1 + SERVED * served;
    if (value > spread) {
      spread = value;
      split = app;
      middle = mean;
    }
    if (limits.apart && mean > 0.05 && !load<u8>(low + app) && together == NOWHERE) {
      for (let other: u32 = 0; other < apps; other++) {
        if (!load<u8>(limits.apart + <usize> app * apps + other)) continue;
        if (f(relaxation.means, other) > 0.05) together = app;
      }
    }
  }
  if (together != NOWHERE) {
    box.split = together;
    box.splitCount = 0;
    return;
  }
  const resource = relaxation.bent;
  const wide = resource < 4 && relaxation.between > 0 &&
    loadAt(load<f64>(highOf(address, resource))) - loadAt(load<f64>(lowOf(address, resource))) > NARROW;
  if (wide && (relaxation.between > SPATIAL * gap || split == NOWHERE)) {
    box.split = apps + resource;
    return;
  }
  if (split != NOWHERE) {
    box.split = split;
    const count = min(<u32> load<u8>(high + split) - 1, <u32> Math.floor(max(0, middle)));
    box.splitCount = max(<u32> load<u8>(low + split), count);
    return;
  }
  // Only whole counts are left to settle.
  box.split = NOWHERE;
  for (let app: u32 = 0; app < apps; app++) {
    if (splitRange(box, app, low, high)) return;
  }
}

/** Splits the counts of an app in the middle; false if it has one only. */
function splitRange(box: Box, app: u32, low: usize, high: usize): bool {
  const least = <u32> load<u8>(low + app);
  const most = <u32> load<u8>(high + app);
  if (least == most) return false;
  box.split = app;
  box.splitCount = (least + most) >> 1;
  return true;
}
