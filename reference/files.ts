/** A file of the reference data. */
export interface ReferenceFile {
  readonly name: string;
  /** SHA-256 of its bytes. */
  readonly sha256: string;
  /** What it holds. */
  readonly summary: string;
}

/** The files of the reference data, which docs/data.md describes. */
export const REFERENCE_FILES = [
  {
    name: "LICENSE-metis",
    sha256: "c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4",
    summary: "the licence of the 2020 release",
  },
  {
    name: "batch-200.csv",
    sha256: "9bf9648a07feb1e8c97fc0f6171f6debeba6f594c88053c0a8a27a66f18e0e7e",
    summary: "50 demands of 200 containers",
  },
  {
    name: "batch-300.csv",
    sha256: "34e298b5cf13450ca0ce877173fc9a58cc0fa8261201cccfd4f25b93071a170c",
    summary: "50 demands of 300 containers",
  },
  {
    name: "batch-400.csv",
    sha256: "9cc6f15c9ffabcddfee21cf16c932f33fca31f930fd3788a8c40cb39e8889849",
    summary: "50 demands of 400 containers",
  },
  {
    name: "batch-1000.csv",
    sha256: "c7e0167c01a7472ae609118540be13a251881852e9043d9871c1fee6a0553e5e",
    summary: "50 demands of 1000 containers",
  },
  {
    name: "batch-2000.csv",
    sha256: "8cc7e68667eb4b830b3d225cc07efd90c83484a5d2e00dee00bcc7aaf6f11e8d",
    summary: "50 demands of 2000 containers",
  },
  {
    name: "batch-3000.csv",
    sha256: "ec23e2c987c23552cb2ddf016b706dc2280a5cc6bb5f3be1a5df0e277af072b7",
    summary: "30 demands of 3000 containers, drawn with seed 3000",
  },
  {
    name: "metis-2008.npz",
    sha256: "40c7f4ed5152303cab370c8aa384a96b121a4ee7a3785d9760c5e5cc69ce308e",
    summary: "the measured profile of 2008 rows",
  },
  {
    name: "metis-322.npz",
    sha256: "2679371b105ebdedcfcb6459740f44a33014a58db490b0422c42104553ea344a",
    summary: "the measured profile of 322 rows",
  },
  {
    name: "metis-81nodes-200-0.csv",
    sha256: "5b80a1602eb26fbe4e73a7e28a9df9b1fb217a5bea0840f23f7b85ce7453dbe6",
    summary: "the split that the 2020 program found for the first demand of 200",
  },
  {
    name: "metis-interference.csv",
    sha256: "cacb936ad89676e941c8d22ec588bbeecb9b9ad8b36623a92d23af73a855985a",
    summary: "the constraints of Medea",
  },
  {
    name: "metis-interference-rps.csv",
    sha256: "368c9e99b6b24b20291f30ac33d092dcf4f97750bc713d576ebb81a16e0c00dc",
    summary: "the series behind the constraints",
  },
  {
    name: "metis-pairwise.csv",
    sha256: "0b0691b993336e9cdaeb64f53b3ce709222392af0ff820964451fe3c5274c7eb",
    summary: "throughput of the configurations of one or two apps",
  },
  {
    name: "metis-pairwise-per-app.csv",
    sha256: "264b875ffd6e627fdc17518dbe0e4fa15894deab5e86c9b4578004aad08e6d46",
    summary: "RPS of each app in the configurations of one or two apps",
  },
  {
    name: "metis-subschedulers-2020.npz",
    sha256: "60892b74a9eac45c4b435603c18b1d78a1e3bf2f85b763a3771b800cf179ff7e",
    summary: "the published weights of the 20 sub-schedulers",
  },
  {
    name: "rf20-table.csv",
    sha256: "ad40d20a1b3846485d3f08b70524644414759c8612577057cf2a0c31e22dd60b",
    summary: "what the forest of 2020 predicts for all 6435 configurations",
  },
] as const satisfies readonly ReferenceFile[];

/** Name of a file of the reference data. */
export type ReferenceName = typeof REFERENCE_FILES[number]["name"];
