/**
 * Minimises a function of a few numbers without its gradient: one coordinate after another, each with a step of its own that grows
 * by half where it helps and halves where it does not (Hooke and Jeeves 1961).
 * @param start Where it begins.
 * @param scales Sizes of what is far, one per number; the first step is half of it.
 * @param evaluations Most evaluations after the first.
 * @returns The best point seen.
 */
export function patternSearch(
  evaluate: (at: readonly number[]) => number,
  start: readonly number[],
  scales: readonly number[],
  evaluations: number,
): number[] {
  let best = [...start];
  let least = evaluate(best);
  const steps = scales.map((scale) => scale / 2);
  let left = evaluations;
  const coarse = () => steps.some((step, at) => step > SMALLEST * scales[at]!);
  while (left > 0 && coarse()) {
    for (let at = 0; at < best.length && left > 0; at++) {
      let helped = false;
      for (const direction of [1, -1]) {
        const tried = best.with(at, best[at]! + direction * steps[at]!);
        const value = evaluate(tried);
        left--;
        helped = value < least;
        if (!helped) continue;
        least = value;
        best = tried;
        break;
      }
      steps[at]! *= helped ? 1.5 : 0.5;
    }
  }
  return best;
}

/** Steps below this share of their scale end the search. */
const SMALLEST = 0.05;
