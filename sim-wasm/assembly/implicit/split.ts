// Where a box is split that is not settled.

import { Box, highest, highOf, loadAt, lowest, lowOf, NOWHERE } from "./box";
import { loadOf, serverOf } from "./contention";
import { f, Relaxation, ROWS, word } from "./relaxation";

/** Width of the loads of a resource above which boxes are split by loads alone. */
const SPLIT_WIDTH: f64 = 0.5;
/** Width below which they are not. */
const NARROW: f64 = 0.02;

/** Where the linear program mixes configurations most: counts of an app, or else the widest resource. */
export function chooseSplit(relaxation: Relaxation, address: usize): void {
  const box = changetype<Box>(address);
  const apps = relaxation.apps;
  const model = relaxation.model;
  const limits = relaxation.limits;
  const basis = relaxation.basis;
  const levels = relaxation.levels;
  const low = lowest(address);
  const high = highest(address, apps);
  // Nothing but their counts makes the bound of servers in a circle exact.
  for (let app: u32 = 0; app < apps; app++) {
    if (word(relaxation.servers, app) >= 0 || serverOf(model, app) < 0) continue;
    if (splitRange(box, app, low, high) || splitRange(box, serverOf(model, app), low, high)) return;
  }
  let resource: u32 = 0;
  let widest: f64 = 0;
  for (let r: u32 = 0; r < 4; r++) {
    const width = 0.3 * (loadAt(load<f64>(highOf(address, r))) - loadAt(load<f64>(lowOf(address, r))));
    if (width > widest) {
      widest = width;
      resource = r;
    }
  }
  let split: u32 = NOWHERE;
  let spread: f64 = 0;
  let middle: f64 = 0;
  let together: u32 = NOWHERE;
  for (let app: u32 = 0; app < apps; app++) {
    if (load<u8>(high + app) == load<u8>(low + app)) continue;
    let mean: f64 = 0;
    let square: f64 = 0;
    for (let row: u32 = 0; row < ROWS; row++) {
      const column = word(basis, row);
      if (column < 0) continue;
      const count = <f64> load<u8>(relaxation.columnCounts + <usize> column * apps + app);
      mean += f(levels, row) * count;
      square += f(levels, row) * count * count;
    }
    let weight = 0.0;
    for (let r: u32 = 0; r < 4; r++) weight += loadOf(model, app, r) * loadOf(model, app, r);
    const value = Math.sqrt(max(0, square - mean * mean)) * (0.1 + Math.sqrt(weight));
    if (value > spread) {
      spread = value;
      split = app;
      middle = mean;
    }
    if (limits.apart && mean > 0.05 && !load<u8>(low + app) && together == NOWHERE) {
      for (let other: u32 = 0; other < apps; other++) {
        if (!load<u8>(limits.apart + <usize> app * apps + other)) continue;
        for (let row: u32 = 0; row < ROWS; row++) {
          const column = word(basis, row);
          if (column < 0 || f(levels, row) < 0.05) continue;
          if (load<u8>(relaxation.columnCounts + <usize> column * apps + other)) together = app;
        }
      }
    }
  }
  if (together != NOWHERE) {
    box.split = together;
    box.splitCount = 0;
    return;
  }
  if (split != NOWHERE && widest < SPLIT_WIDTH * 0.3 && spread * 0.5 >= widest) {
    box.split = split;
    const count = min(<u32> load<u8>(high + split) - 1, <u32> Math.floor(max(0, middle)));
    box.splitCount = max(<u32> load<u8>(low + split), count);
    return;
  }
  if (widest > NARROW * 0.3) {
    box.split = apps + resource;
    return;
  }
  // In a narrow box only whole counts are left to settle: with all of them settled, it is a point.
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
