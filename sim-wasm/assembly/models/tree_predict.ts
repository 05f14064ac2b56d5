// What an ensemble of trees (tree_arrays.ts) says of configurations, one by one. An app that is absent is predicted 0.

import { follow } from "./tree_arrays";

/**
 * Mean of the trees (of their squares, if asked), for the rows of which `app` is present; 0 for the others.
 * features: u8[rows][paddedFeatures]; out: element row * outStride of f64.
 */
export function predictTrees(
  nodes: usize,
  values: usize,
  roots: usize,
  trees: u32,
  features: usize,
  rows: u32,
  paddedFeatures: u32,
  app: u32,
  out: usize,
  outStride: u32,
  squares: bool,
): void {
  const step = <usize> outStride << 3;
  let at = out;
  for (let row: u32 = 0; row < rows; row++, at += step) store<f64>(at, 0);
  for (let tree: u32 = 0; tree < trees; tree++) {
    const root = load<u32>(roots + (<usize> tree << 2));
    let line = features;
    at = out;
    for (let row: u32 = 0; row < rows; row++, at += step, line += paddedFeatures) {
      if (load<u8>(line + app) == 0) continue;
      const value = follow(nodes, values, root, line);
      store<f64>(at, load<f64>(at) + (squares ? value * value : value));
    }
  }
  at = out;
  for (let row: u32 = 0; row < rows; row++, at += step) {
    store<f64>(at, load<f64>(at) / <f64> trees);
  }
}
