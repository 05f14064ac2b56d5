import type { MilpAnswer, MilpModel, MilpOptions } from "./model.ts";

/** What the worker is asked. */
export type HighsRequest =
  | {
    readonly kind: "solve";
    readonly model: MilpModel;
    readonly options: Omit<MilpOptions, "signal">;
    /** Its number becomes 1 if HiGHS should end from within; absent if memory cannot be shared. */
    readonly halt: Int32Array<SharedArrayBuffer> | undefined;
  }
  | { readonly kind: "write"; readonly model: MilpModel; readonly format: "lp" | "mps" };

/** What the worker says; each request ends with exactly one answer, text or failure. */
export type HighsReply =
  | { readonly kind: "answer"; readonly answer: MilpAnswer }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "incumbent"; readonly solution: Float64Array; readonly bound: number }
  | { readonly kind: "failure"; readonly message: string };
