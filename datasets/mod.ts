/**
 * The data that comes with the project, and the synthetic node that it was made on.
 * @module
 */
export { BUNDLED, type BundledDataset, datasetUrl, DEFAULT_PROFILE } from "./bundled.ts";
export { contentionModel } from "./contention.ts";
export { synthesizeDemands, type SynthesizeOptions, synthesizeProfile } from "./synthesize.ts";
export {
  type Dependency,
  PAPER_WORKLOADS,
  type PerResource,
  randomApps,
  RESOURCES,
  type SyntheticApp,
} from "./workloads.ts";
