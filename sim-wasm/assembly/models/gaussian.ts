// Gaussian process regression on small whole-numbered features (u8): covariances, their factors, the
// gradient of the marginal likelihood, predictions (Rasmussen and Williams 2006, algorithms 2.1 and 5.1).
//
// The covariance of two feature vectors is a product over features of numbers read from a table: features
// take so few values that no function has to be evaluated, whatever the shape of the kernel.
//   tables    f64[features][size][size], size = largest feature value + 1
//   matrices  f64[rows][rows], row-major; only the lower triangles are read or written

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, length: i32): f64 {
  let pair = f64x2.splat(0);
  let other = f64x2.splat(0);
  let i = 0;
  for (; i + 3 < length; i += 4) {
    pair = f64x2.add(pair, f64x2.mul(v128.load(a), v128.load(b)));
    other = f64x2.add(other, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
    a += 32;
    b += 32;
  }
  pair = f64x2.add(pair, other);
  let sum = f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
  for (; i < length; i++, a += 8, b += 8) sum += load<f64>(a) * load<f64>(b);
  return sum;
}

/** to += factor x from */
// @ts-ignore: decorator
@inline
function addScaled(to: usize, from: usize, factor: f64, length: i32): void {
  const factors = f64x2.splat(factor);
  let i = 0;
  for (; i + 1 < length; i += 2) {
    v128.store(to, f64x2.add(v128.load(to), f64x2.mul(factors, v128.load(from))));
    to += 16;
    from += 16;
  }
  if (i < length) store<f64>(to, load<f64>(to) + factor * load<f64>(from));
}

/** Covariances of one feature vector with `rows` others (u8[rows][features]), into out f64[rows]. */
export function gaussianCovariances(
  tables: usize,
  features: i32,
  size: i32,
  one: usize,
  others: usize,
  rows: i32,
  out: usize,
): void {
  for (let feature = 0; feature < features; feature++) {
    const table = tables + ((<usize> (feature * size + <i32> load<u8>(one + feature)) * size) << 3);
    let value = others + feature;
    let at = out;
    const end = out + (<usize> rows << 3);
    if (feature == 0) {
      for (; at < end; at += 8, value += features) {
        store<f64>(at, load<f64>(table + (<usize> load<u8>(value) << 3)));
      }
    } else {
      for (; at < end; at += 8, value += features) {
        store<f64>(at, load<f64>(at) * load<f64>(table + (<usize> load<u8>(value) << 3)));
      }
    }
  }
}

/** Covariance matrix of the rows, lower triangle, without noise. */
export function gaussianMatrix(
  tables: usize,
  features: i32,
  size: i32,
  points: usize,
  rows: i32,
  out: usize,
): void {
  for (let row = 0; row < rows; row++) {
    gaussianCovariances(
      tables,
      features,
      size,
      points + <usize> row * features,
      points,
      row + 1,
      out + ((<usize> row * rows) << 3),
    );
  }
}

/** Cholesky factor in place. Returns half the logarithm of the determinant; NaN where it is not positive. */
export function gaussianFactor(matrix: usize, rows: i32): f64 {
  const width = <usize> rows << 3;
  let half: f64 = 0;
  for (let i = 0; i < rows; i++) {
    const row = matrix + i * width;
    for (let j = 0; j < i; j++) {
      const other = matrix + j * width;
      const entry = row + (<usize> j << 3);
      const diagonal = load<f64>(other + (<usize> j << 3));
      store<f64>(entry, (load<f64>(entry) - dot(row, other, j)) / diagonal);
    }
    const entry = row + (<usize> i << 3);
    const square = load<f64>(entry) - dot(row, row, i);
    if (!(square > 0)) return NaN;
    const root = Math.sqrt(square);
    store<f64>(entry, root);
    half += Math.log(root);
  }
  return half;
}

/** Solves factor x (its transpose) x answer = vector, in place. */
export function gaussianSolve(factor: usize, rows: i32, vector: usize): void {
  const width = <usize> rows << 3;
  forward(factor, rows, vector);
  for (let i = rows - 1; i >= 0; i--) {
    const row = factor + i * width;
    const at = vector + (<usize> i << 3);
    const value = load<f64>(at) / load<f64>(row + (<usize> i << 3));
    store<f64>(at, value);
    addScaled(vector, row, -value, i);
  }
}

function forward(factor: usize, rows: i32, vector: usize): void {
  const width = <usize> rows << 3;
  for (let i = 0; i < rows; i++) {
    const row = factor + i * width;
    const at = vector + (<usize> i << 3);
    store<f64>(at, (load<f64>(at) - dot(row, vector, i)) / load<f64>(row + (<usize> i << 3)));
  }
}

/**
 * Inverse of the factored matrix, lower triangle of `out`; `work` holds the inverse of the factor.
 * Both f64[rows][rows], zeroed before.
 */
export function gaussianInverse(factor: usize, rows: i32, work: usize, out: usize): void {
  const width = <usize> rows << 3;
  for (let i = 0; i < rows; i++) {
    const row = factor + i * width;
    const inverse = work + i * width;
    const diagonal = load<f64>(row + (<usize> i << 3));
    for (let k = 0; k < i; k++) {
      addScaled(inverse, work + k * width, -load<f64>(row + (<usize> k << 3)) / diagonal, k + 1);
    }
    store<f64>(inverse + (<usize> i << 3), 1 / diagonal);
  }
  for (let k = 0; k < rows; k++) {
    const inverse = work + k * width;
    for (let i = 0; i <= k; i++) {
      addScaled(out + i * width, inverse, load<f64>(inverse + (<usize> i << 3)), i + 1);
    }
  }
}

/**
 * Gradient of the negative logarithm of the marginal likelihood by what the slopes say:
 * out[feature] = sum over i > j of (inverse - weights weights' / scale) x covariance x slope[feature].
 * slopes: f64[features][size][size], derivative of the logarithm of each table entry.
 */
export function gaussianGradient(
  inverse: usize,
  covariance: usize,
  weights: usize,
  scale: f64,
  slopes: usize,
  features: i32,
  size: i32,
  points: usize,
  rows: i32,
  out: usize,
): void {
  const width = <usize> rows << 3;
  const table = <usize> (size * size) << 3;
  for (let i = 1; i < rows; i++) {
    const one = points + <usize> i * features;
    const weight = load<f64>(weights + (<usize> i << 3)) / scale;
    for (let j = 0; j < i; j++) {
      const at = i * width + (<usize> j << 3);
      const pull = (load<f64>(inverse + at) - weight * load<f64>(weights + (<usize> j << 3))) *
        load<f64>(covariance + at);
      const other = points + <usize> j * features;
      for (let feature = 0; feature < features; feature++) {
        const cell = <usize> (<i32> load<u8>(one + feature) * size + <i32> load<u8>(other + feature));
        const to = out + (<usize> feature << 3);
        store<f64>(to, load<f64>(to) + pull * load<f64>(slopes + feature * table + (cell << 3)));
      }
    }
  }
}

/**
 * Means and, where `factor` is not 0, variances of the process at `asked` (u8[askedRows][features]), in units
 * of the covariance's own scale. scratch: f64[rows].
 */
export function gaussianPredict(
  tables: usize,
  features: i32,
  size: i32,
  points: usize,
  rows: i32,
  weights: usize,
  factor: usize,
  asked: usize,
  askedRows: i32,
  scratch: usize,
  means: usize,
  variances: usize,
): void {
  for (let row = 0; row < askedRows; row++) {
    const one = asked + <usize> row * features;
    gaussianCovariances(tables, features, size, one, points, rows, scratch);
    store<f64>(means + (<usize> row << 3), dot(scratch, weights, rows));
    if (factor == 0) continue;
    forward(factor, rows, scratch);
    store<f64>(variances + (<usize> row << 3), max(0, 1 - dot(scratch, scratch, rows)));
  }
}
