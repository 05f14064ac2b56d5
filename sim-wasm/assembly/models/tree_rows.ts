// What trees learn from. Rows are distinct feature vectors; observations are measurements, several of which may share a row.
//
//   records  rowCount x (stride + 32) bytes: features u8[stride], (weight, weight * target) f64x2, (mean target, 0) f64x2;
//            weights are those of the tree that is being grown
//   draws    DRAW bytes for each observation: (weight, weight * target) f64x2, address of its record u32
//   members  u32[rowCount]: addresses of the records of this tree, node by node

import { alloc, blockOf, destroyOwner, Owner } from "../memory";
import { randomBelow } from "../random";

const DRAW: u32 = 32;

@unmanaged
export class TreeRows extends Owner {
  count: u32;
  features: u32;
  /** Bytes of the features of a row: a multiple of 16. */
  stride: u32;
  recordBytes: u32;
  /** Largest feature value + 1. */
  bins: u32;
  records: usize;
  observations: u32;
  draws: usize;
  members: usize;
  /** How many members there are. */
  used: u32;
}

/**
 * Rows and observations to grow trees on.
 * features: u8[count][stride], zero from column `featureTotal` on; stride % 16 = 0.
 * observationRows: u32[observations], targets and weights: f64[observations], weights above 0.
 */
export function createTreeRows(
  features: usize,
  count: u32,
  featureTotal: u32,
  stride: u32,
  observationRows: usize,
  targets: usize,
  weights: usize,
  observations: u32,
): usize {
  const rows = changetype<TreeRows>(alloc(offsetof<TreeRows>()));
  const recordBytes = stride + 32;
  rows.count = count;
  rows.features = featureTotal;
  rows.stride = stride;
  rows.recordBytes = recordBytes;
  rows.records = blockOf(rows, <usize> count * recordBytes);
  rows.members = blockOf(rows, <usize> count * 4);
  let bins: u32 = 1;
  for (let row: u32 = 0; row < count; row++) {
    const record = rows.records + row * recordBytes;
    memory.copy(record, features + row * stride, stride);
    for (let f: u32 = 0; f < featureTotal; f++) bins = max<u32>(bins, <u32> load<u8>(record + f) + 1);
  }
  rows.bins = bins;
  rows.observations = observations;
  rows.draws = blockOf(rows, <usize> observations * DRAW);
  for (let i: u32 = 0; i < observations; i++) {
    const draw = rows.draws + i * DRAW;
    const weight = load<f64>(weights + (i << 3));
    store<f64>(draw, weight);
    store<f64>(draw, weight * load<f64>(targets + (i << 3)), 8);
    store<u32>(draw, <u32> (rows.records + load<u32>(observationRows + (i << 2)) * recordBytes), 16);
  }
  return changetype<usize>(rows);
}

export function destroyTreeRows(address: usize): void {
  destroyOwner(changetype<TreeRows>(address));
}

/**
 * Weighs the records for one tree, and lists those in use as members.
 * bootstrap: draw as many observations as there are, with replacement.
 */
export function weigh(rows: TreeRows, bootstrap: bool): void {
  const stride = rows.stride;
  const recordBytes = rows.recordBytes;
  const draws = rows.draws;
  const observations = rows.observations;
  const end = rows.records + rows.count * recordBytes;
  for (let record = rows.records; record < end; record += recordBytes) {
    v128.store(record + stride, f64x2.splat(0));
  }
  for (let i: u32 = 0; i < observations; i++) {
    const draw = draws + (bootstrap ? randomBelow(observations) : i) * DRAW;
    const sums = <usize> load<u32>(draw, 16) + stride;
    v128.store(sums, f64x2.add(v128.load(sums), v128.load(draw)));
  }
  let member = rows.members;
  for (let record = rows.records; record < end; record += recordBytes) {
    const weight = load<f64>(record + stride);
    if (weight == 0) continue;
    store<f64>(record + stride, load<f64>(record + stride, 8) / weight, 16);
    store<u32>(member, <u32> record);
    member += 4;
  }
  rows.used = <u32> ((member - rows.members) >> 2);
}
