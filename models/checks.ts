import { InputError, type Profile } from "../domain/mod.ts";

/**
 * Checks that a model can be fitted on a profile.
 * @throws {InputError} naming the app, and the row where there is one.
 */
export function checkTraining(profile: Profile): void {
  const { apps, rows, counts, rps } = profile;
  if (rows === 0) throw new InputError("A profile without rows cannot train a model");
  apps.forEach((name, app) => {
    let present = false;
    for (let row = 0, at = app; row < rows; row++, at += apps.length) {
      if (counts[at] === 0) continue;
      present = true;
      if (!Number.isFinite(rps[at])) {
        throw new InputError(`Row ${row} of the profile has no finite RPS for ${name}`);
      }
    }
    if (!present) {
      throw new InputError(
        `No row of the profile holds ${name}: measure it at least once, or leave the app out`,
      );
    }
  });
}
