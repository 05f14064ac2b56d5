// The most between the corners of a box.

import { corner } from "./box";
import { COEFFICIENTS, CORNER_BYTES, f, PART_BYTES, PARTS, put, Relaxation, word } from "./relaxation";

/** Share of what a bound is above what it should be, from which on it is not worth to cut further. */
const CLOSE: f64 = 0.01;

/** Where the coefficient is that has the resources of a set at 1, and the others at 0; at twice the place, the set is at 2. */
// @ts-ignore: decorator
@inline
function placeOf(set: u32): u32 {
  return (set & 1) + 3 * ((set >> 1) & 1) + 9 * ((set >> 2) & 1) + 27 * (set >> 3);
}

/**
 * The most between the corners. By its place u in the box, in each resource from 0 to 1, a configuration is worth at most
 * the sum over corners of the product of u or 1 - u, times a line in its loads, which are themselves at most lines in u:
 * of degree 2 in each resource. No such polynomial is above its highest Bernstein coefficient. The coefficient at 0 or 2
 * has the corner and the load of that side; that at 1 is the mean of either corner with the load of the other. The box is
 * cut (de Casteljau) where the coefficients are far above the polynomial.
 * enough: a bound that is low enough.
 */
export function betweenCorners(relaxation: Relaxation, box: usize, enough: f64): f64 {
  const coefficients = relaxation.parts;
  let highestCorner = -Infinity;
  for (let sides: u32 = 0; sides < 16; sides++) {
    // Resources that are at 1, as a set; of the others, `sides` says which are at 2.
    for (let mixed: u32 = 0; mixed < 16; mixed++) {
      if (sides & mixed) continue;
      let sum: f64 = 0;
      let part = mixed;
      let parts: f64 = 0;
      while (true) {
        const at = sides | part;
        const line = relaxation.corners + <usize> at * CORNER_BYTES;
        sum += f(line, 0);
        const other = at ^ mixed;
        for (let resource: u32 = 0; resource < 4; resource++) {
          sum += f(line, 1 + resource) *
            (f(relaxation.tangents, resource) + f(relaxation.tangents, 4 + resource) * corner(box, resource, other));
        }
        parts++;
        if (part == 0) break;
        part = (part - 1) & mixed;
      }
      const coefficient = sum / parts;
      put(coefficients, 2 * placeOf(sides) + placeOf(mixed), coefficient);
      if (mixed == 0) highestCorner = max(highestCorner, coefficient);
    }
  }
  notePeak(relaxation, 0);
  relaxation.bent = bentOf(coefficients, word(relaxation.peaks, 0));
  relaxation.between = f(relaxation.tops, 0) - highestCorner;
  return cut(relaxation, enough, highestCorner);
}

/** Takes down where the highest coefficient of a part is. */
function notePeak(relaxation: Relaxation, part: u32): void {
  const coefficients = relaxation.parts + <usize> part * PART_BYTES;
  let peak: u32 = 0;
  for (let at: u32 = 1; at < COEFFICIENTS; at++) if (f(coefficients, at) > f(coefficients, peak)) peak = at;
  store<u32>(relaxation.peaks + (<usize> part << 2), peak);
  put(relaxation.tops, part, f(coefficients, peak));
}

/** The resource in which the coefficients bend most at a place; 4 if the place is a corner. */
function bentOf(coefficients: usize, place: u32): u32 {
  let bent: u32 = 4;
  let most = -Infinity;
  let stride: u32 = 1;
  for (let resource: u32 = 0; resource < 4; resource++) {
    if ((place / stride) % 3 == 1) {
      const ends = f(coefficients, place - stride) + f(coefficients, place + stride);
      const bend = f(coefficients, place) - ends / 2;
      if (bend > most) {
        most = bend;
        bent = resource;
      }
    }
    stride *= 3;
  }
  return bent;
}

/** Cuts the part with the highest coefficient, until that is a value of the polynomial, or nearly so. */
function cut(relaxation: Relaxation, enough: f64, highestCorner: f64): f64 {
  let reached = highestCorner;
  let parts: u32 = 1;
  while (true) {
    let highest: u32 = 0;
    for (let part: u32 = 1; part < parts; part++) {
      if (f(relaxation.tops, part) > f(relaxation.tops, highest)) highest = part;
    }
    const top = f(relaxation.tops, highest);
    if (parts == PARTS || top <= enough || top - reached <= CLOSE * (top - enough)) return top;
    const lower = relaxation.parts + <usize> highest * PART_BYTES;
    const resource = bentOf(lower, word(relaxation.peaks, highest));
    if (resource == 4) return top;
    let stride: u32 = 1;
    for (let before: u32 = 0; before < resource; before++) stride *= 3;
    const upper = relaxation.parts + <usize> parts * PART_BYTES;
    for (let at: u32 = 0; at < COEFFICIENTS; at++) {
      if ((at / stride) % 3 != 0) continue;
      const first = f(lower, at);
      const second = f(lower, at + stride);
      const third = f(lower, at + 2 * stride);
      const middle = (first + 2 * second + third) / 4;
      put(lower, at + stride, (first + second) / 2);
      put(lower, at + 2 * stride, middle);
      put(upper, at, middle);
      put(upper, at + stride, (second + third) / 2);
      put(upper, at + 2 * stride, third);
    }
    notePeak(relaxation, highest);
    notePeak(relaxation, parts);
    parts++;
    // Corners of parts are values of the polynomial.
    for (let set: u32 = 0; set < 16; set++) reached = max(reached, f(upper, 2 * placeOf(set)));
  }
}
