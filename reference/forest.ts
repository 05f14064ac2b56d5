import { MersenneTwister } from "../models/reference_split.ts";

/** Trees of a forest, and how deep they grow: the 2020 code's. */
const TREES = 100;
const MAX_DEPTH = 20;
/** Purer nodes than this are leaves: the smallest step between doubles, as in scikit-learn. */
const PURE = 2 ** -52;

/** A regression tree: node 0 is the root; `left` is -1 at a leaf. */
interface Tree {
  readonly feature: number[];
  readonly threshold: number[];
  readonly left: number[];
  readonly right: number[];
  readonly value: number[];
}

/** Rows to fit: row-major counts, and one target each. */
export interface ForestRows {
  readonly width: number;
  readonly counts: ArrayLike<number>;
  readonly targets: Float64Array;
}

/**
 * scikit-learn 1.2's RandomForestRegressor(n_estimators=100, max_depth=20, random_state=0) to the last
 * bit: the same draws, the same order of equal values, the same order of additions. The forests that users
 * fit are models/forest.ts, which is faster and owes nothing to this order.
 * @returns Predicts a target for each row of counts.
 */
export function fitReferenceForest(rows: ForestRows): (counts: ArrayLike<number>) => Float64Array {
  const seeds = new MersenneTwister(0);
  const trees = Array.from({ length: TREES }, () => growTree(rows, seeds.upTo(2 ** 31 - 2)));
  return (counts) => {
    const { width } = rows;
    const predicted = new Float64Array(counts.length / width);
    for (const tree of trees) {
      for (let row = 0; row < predicted.length; row++) {
        let node = 0;
        while (tree.left[node]! >= 0) {
          const goesLeft = counts[row * width + tree.feature[node]!]! <= tree.threshold[node]!;
          node = goesLeft ? tree.left[node]! : tree.right[node]!;
        }
        predicted[row]! += tree.value[node]!;
      }
    }
    return predicted.map((sum) => sum / TREES);
  };
}

/** Grows a tree on a bootstrap sample, depth first, left before right. */
function growTree(rows: ForestRows, seed: number): Tree {
  const { targets } = rows;
  const all = targets.length;
  const weights = new Float64Array(all);
  const draws = new MersenneTwister(seed);
  for (let drawn = 0; drawn < all; drawn++) weights[draws.upTo(all - 1)]!++;
  const splitter = new Splitter(rows, weights, new MersenneTwister(seed).upTo(2 ** 31 - 2));
  const tree: Tree = { feature: [], threshold: [], left: [], right: [], value: [] };
  const stack = [{
    start: 0,
    end: splitter.samples.length,
    depth: 0,
    parent: -1,
    isLeft: false,
    impurity: NaN,
    constants: 0,
  }];
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    const { start, end, depth, parent, isLeft } = task;
    splitter.take(start, end);
    const impurity = parent < 0 ? splitter.impurity() : task.impurity;
    const split = depth >= MAX_DEPTH || end - start < 2 || impurity <= PURE
      ? null
      : splitter.split(task.constants);
    const node = tree.left.length;
    if (parent >= 0) (isLeft ? tree.left : tree.right)[parent] = node;
    tree.feature.push(split?.feature ?? -1);
    tree.threshold.push(split?.threshold ?? 0);
    tree.left.push(-1);
    tree.right.push(-1);
    tree.value.push(splitter.mean());
    if (split === null) continue;
    const { at, constants } = split;
    const child = { depth: depth + 1, parent: node, constants };
    stack.push({ ...child, start: at, end, isLeft: false, impurity: split.impurities[1] });
    stack.push({ ...child, start, end: at, isLeft: true, impurity: split.impurities[0] });
  }
  return tree;
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
  /** First sample of the right child. */
  readonly at: number;
  /** Features that are known to be constant in both children. */
  readonly constants: number;
  readonly impurities: readonly [number, number];
}

/** scikit-learn's BestSplitter with its MSE criterion. */
class Splitter {
  /** Rows of the bootstrap sample, each once; nodes are ranges of it. */
  readonly samples: Int32Array;
  readonly #rows: ForestRows;
  readonly #weights: Float64Array;
  readonly #values: Float64Array;
  readonly #features: Int32Array;
  readonly #constants: Int32Array;
  #random: number;
  #start = 0;
  #end = 0;
  #sum = 0;
  #squares = 0;
  #weight = 0;
  #at = 0;
  #sumLeft = 0;
  #weightLeft = 0;

  constructor(rows: ForestRows, weights: Float64Array, seed: number) {
    this.#rows = rows;
    this.#weights = weights;
    this.samples = Int32Array.from([...weights.keys()].filter((row) => weights[row]! > 0));
    this.#values = new Float64Array(this.samples.length);
    this.#features = Int32Array.from({ length: rows.width }, (_, feature) => feature);
    this.#constants = new Int32Array(rows.width);
    this.#random = seed;
  }

  /** Makes the samples from `start` to before `end` the node that the other calls speak of. */
  take(start: number, end: number): void {
    this.#start = start;
    this.#end = end;
    this.#sum = this.#squares = this.#weight = 0;
    for (let at = start; at < end; at++) {
      const row = this.samples[at]!;
      const weight = this.#weights[row]!;
      const weighted = weight * this.#rows.targets[row]!;
      this.#sum += weighted;
      this.#squares += weighted * this.#rows.targets[row]!;
      this.#weight += weight;
    }
  }

  /** Mean squared error of the node's mean. */
  impurity(): number {
    return this.#squares / this.#weight - (this.#sum / this.#weight) ** 2;
  }

  mean(): number {
    return this.#sum / this.#weight;
  }

  /** The best split of the node, its samples parted by it; null if all features are constant. */
  split(known: number): Split | null {
    const { width, counts } = this.#rows;
    const [features, samples] = [this.#features, this.samples];
    let best = { feature: -1, threshold: 0, at: this.#end, improvement: -Infinity };
    let unvisited = width;
    let [visited, found, drawn, constants] = [0, 0, 0, known];
    while (unvisited > constants && (visited < width || visited <= found + drawn)) {
      visited++;
      let place = drawn + this.#draw(unvisited - found - drawn);
      if (place < known) {
        swap(features, drawn++, place);
        continue;
      }
      place += found;
      const feature = features[place]!;
      for (let at = this.#start; at < this.#end; at++) {
        this.#values[at] = counts[samples[at]! * width + feature]!;
      }
      this.#sort();
      if (this.#values[this.#end - 1]! <= this.#values[this.#start]!) {
        swap(features, place, constants++);
        found++;
        continue;
      }
      swap(features, --unvisited, place);
      this.#reset();
      for (let at = this.#start + 1; at < this.#end; at++) {
        const [before, value] = [this.#values[at - 1]!, this.#values[at]!];
        if (value <= before) continue;
        this.#moveTo(at);
        const [right, rightWeight] = [this.#sum - this.#sumLeft, this.#weight - this.#weightLeft];
        const improvement = this.#sumLeft * this.#sumLeft / this.#weightLeft +
          right * right / rightWeight;
        if (improvement > best.improvement) {
          best = { feature, threshold: before / 2 + value / 2, at, improvement };
        }
      }
    }
    // The order of constant features is part of what the next draws mean.
    features.set(this.#constants.subarray(0, known));
    this.#constants.set(features.subarray(known, known + found), known);
    if (best.feature < 0) return null;
    for (let [at, end] = [this.#start, this.#end]; at < end;) {
      if (counts[samples[at]! * width + best.feature]! <= best.threshold) at++;
      else swap(samples, at, --end);
    }
    return { ...best, constants, impurities: this.#impurities(best.at) };
  }

  #impurities(at: number): [number, number] {
    this.#reset();
    this.#moveTo(at);
    let squaresLeft = 0;
    for (let each = this.#start; each < at; each++) {
      const row = this.samples[each]!;
      const target = this.#rows.targets[row]!;
      squaresLeft += this.#weights[row]! * target * target;
    }
    const right = this.#weight - this.#weightLeft;
    return [
      squaresLeft / this.#weightLeft - (this.#sumLeft / this.#weightLeft) ** 2,
      (this.#squares - squaresLeft) / right - ((this.#sum - this.#sumLeft) / right) ** 2,
    ];
  }

  #reset(): void {
    this.#at = this.#start;
    this.#sumLeft = this.#weightLeft = 0;
  }

  /** Sums of the samples before `at`: from whichever side has fewer to add. */
  #moveTo(at: number): void {
    const add = (from: number, sign: 1 | -1): void => {
      const row = this.samples[from]!;
      const weight = sign * this.#weights[row]!;
      this.#sumLeft += weight * this.#rows.targets[row]!;
      this.#weightLeft += weight;
    };
    if (at - this.#at <= this.#end - at) {
      for (let each = this.#at; each < at; each++) {
        add(each, 1);
      }
    } else {
      this.#sumLeft = this.#sum;
      this.#weightLeft = this.#weight;
      for (let each = this.#end - 1; each >= at; each--) add(each, -1);
    }
    this.#at = at;
  }

  /** A whole number below `limit`, by scikit-learn's xorshift. */
  #draw(limit: number): number {
    let bits = this.#random === 0 ? 1 : this.#random;
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    bits ^= bits << 5;
    this.#random = bits >>> 0;
    return (this.#random % 2 ** 31) % limit;
  }

  #sort(): void {
    const length = this.#end - this.#start;
    introsort(
      this.#values,
      this.samples,
      this.#start,
      this.#end,
      2 * Math.floor(Math.log2(length)),
    );
  }
}

/** scikit-learn's sort: where values are equal, the order that it leaves decides how sums are rounded. */
function introsort(
  values: Float64Array,
  samples: Int32Array,
  start: number,
  end: number,
  depth: number,
): void {
  while (end - start > 1) {
    if (depth-- <= 0) return heapsort(values, samples, start, end);
    const pivot = median(
      values[start]!,
      values[start + ((end - start) >> 1)]!,
      values[end - 1]!,
    );
    let [at, low, high] = [start, start, end];
    while (at < high) {
      if (values[at]! < pivot) swapBoth(values, samples, at++, low++);
      else if (values[at]! > pivot) swapBoth(values, samples, at, --high);
      else at++;
    }
    introsort(values, samples, start, low, depth);
    start = high;
  }
}

function heapsort(values: Float64Array, samples: Int32Array, start: number, end: number): void {
  const length = end - start;
  const sift = (root: number, limit: number): void => {
    for (;;) {
      const child = 2 * root + 1;
      let most = root;
      if (child < limit && values[start + most]! < values[start + child]!) most = child;
      if (child + 1 < limit && values[start + most]! < values[start + child + 1]!) most = child + 1;
      if (most === root) return;
      swapBoth(values, samples, start + root, start + most);
      root = most;
    }
  };
  for (let root = (length >> 1) - 1; root >= 0; root--) sift(root, length);
  for (let last = length - 1; last > 0; last--) {
    swapBoth(values, samples, start, start + last);
    sift(0, last);
  }
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function swapBoth(values: Float64Array, samples: Int32Array, a: number, b: number): void {
  swap(values, a, b);
  swap(samples, a, b);
}

function swap(array: Float64Array | Int32Array, a: number, b: number): void {
  const kept = array[a]!;
  array[a] = array[b]!;
  array[b] = kept;
}
