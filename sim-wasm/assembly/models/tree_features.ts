// Sets of features, made from the counts of a configuration.

/** The counts. */
export const COUNTS: i32 = 0;
/** The counts, then per app 1 where it is present, then the total. */
export const PRESENCE: i32 = 1;

/** Writes the features (u8[rows][paddedFeatures]) of configurations (u8[rows][apps]). */
export function makeFeatures(
  counts: usize,
  rows: u32,
  apps: u32,
  featureSet: i32,
  paddedFeatures: u32,
  out: usize,
): void {
  for (let row: u32 = 0; row < rows; row++, counts += apps, out += paddedFeatures) {
    memory.fill(out, 0, paddedFeatures);
    memory.copy(out, counts, apps);
    if (featureSet != PRESENCE) continue;
    let total: u32 = 0;
    for (let app: u32 = 0; app < apps; app++) {
      const count = <u32> load<u8>(counts + app);
      store<u8>(out + apps + app, u32(count > 0));
      total += count;
    }
    store<u8>(out + 2 * apps, total);
  }
}
