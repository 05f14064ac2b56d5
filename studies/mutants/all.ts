import { archiveReaders } from "./archives.ts";
import { planReaders } from "./plans.ts";
import { profileReaders } from "./profiles.ts";
import type { Reader } from "./reader.ts";
import { runReaders } from "./runs.ts";
import { serviceReaders } from "./services.ts";
import { textReaders } from "./texts.ts";

/** Everything that turns bytes from outside into values. */
export const READERS: readonly Reader[] = [
  ...profileReaders,
  ...archiveReaders,
  ...planReaders,
  ...runReaders,
  ...serviceReaders,
  ...textReaders,
];
