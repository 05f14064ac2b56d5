/**
 * Minimises within a box by the BFGS method with a projected, backtracking line search (Nocedal and Wright
 * 2006, algorithm 6.1). Returns the best point seen.
 */
export function minimise(
  evaluate: (at: readonly number[]) => { value: number; gradient: number[] },
  start: readonly number[],
  ranges: readonly (readonly [number, number])[],
  steps: number,
): number[] {
  const size = start.length;
  const clamp = (value: number, index: number) =>
    Math.min(ranges[index]![1], Math.max(ranges[index]![0], value));
  let at = start.map(clamp);
  let here = evaluate(at);
  let inverse = identity(size, 0);
  let fresh = true;
  let left = steps - 1;
  while (left > 0) {
    // What pushes against a bound stays where it is.
    const free = at.map((value, index) => {
      const [low, high] = ranges[index]!;
      const pull = here.gradient[index]!;
      return !((value <= low && pull > 0) || (value >= high && pull < 0));
    });
    const steepest = Math.max(
      ...here.gradient.map((pull, index) => free[index] ? Math.abs(pull) : 0),
    );
    if (steepest < 1e-3) break;
    if (fresh) inverse = identity(size, Math.min(0.5, 0.5 / steepest));
    const direction = at.map((_, row) => {
      if (!free[row]) return 0;
      let sum = 0;
      for (let column = 0; column < size; column++) {
        if (free[column]) sum -= inverse[row * size + column]! * here.gradient[column]!;
      }
      return sum;
    });
    let step = Math.min(1, 1.5 / Math.max(...direction.map(Math.abs), 1e-9));
    let next: number[] | undefined;
    let there = here;
    while (left > 0 && step > 1e-3) {
      const tried = at.map((value, index) => clamp(value + step * direction[index]!, index));
      there = evaluate(tried);
      left--;
      if (there.value < here.value) {
        next = tried;
        break;
      }
      step /= 3;
    }
    if (next === undefined) {
      if (fresh) break;
      fresh = true;
      continue;
    }
    const moved = next.map((value, index) => value - at[index]!);
    const turned = there.gradient.map((pull, index) => pull - here.gradient[index]!);
    const improved = here.value - there.value;
    at = next;
    here = there;
    fresh = !updateInverse(inverse, moved, turned);
    if (improved < 1e-3) break;
  }
  return at;
}

/** The BFGS update of an inverse Hessian in place; false if the curvature is not positive. */
function updateInverse(inverse: Float64Array, moved: number[], turned: number[]): boolean {
  const size = moved.length;
  const curvature = moved.reduce((sum, value, index) => sum + value * turned[index]!, 0);
  if (!(curvature > 1e-12)) return false;
  const product = moved.map((_, row) => {
    let sum = 0;
    for (let column = 0; column < size; column++) {
      sum += inverse[row * size + column]! * turned[column]!;
    }
    return sum;
  });
  const quadratic = turned.reduce((sum, value, index) => sum + value * product[index]!, 0);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      inverse[row * size + column]! +=
        (1 + quadratic / curvature) * moved[row]! * moved[column]! / curvature -
        (product[row]! * moved[column]! + moved[row]! * product[column]!) / curvature;
    }
  }
  return true;
}

function identity(size: number, value: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let index = 0; index < size; index++) matrix[index * size + index] = value;
  return matrix;
}
