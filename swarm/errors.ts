import { MetisError } from "../domain/errors.ts";

/** No engine answers, or it may not be used: the message says which and what to do. */
export class EngineUnreachableError extends MetisError {
  override readonly name = "EngineUnreachableError";
}

/** An engine answered that it will not do what was asked. */
export class EngineError extends MetisError {
  override readonly name = "EngineError";
  /**
   * @param status HTTP status of the answer. @param call Method and path, without the query.
   * @param reason The engine's own words.
   */
  constructor(readonly status: number, readonly call: string, readonly reason: string) {
    super(`The Docker engine refused ${call} (${status}): ${oneLine(reason)}`);
  }
}

/** How a deployment ended that did not converge. */
export type DeployOutcome = "failed" | "rolled-back" | "timed-out" | "partly-applied";

const OUTCOME_EXIT: Readonly<Record<DeployOutcome, number>> = {
  failed: 1,
  "rolled-back": 3,
  "timed-out": 4,
  "partly-applied": 5,
};

/** A deployment that did not converge; its exit code says how the Swarm was left. */
export class DeployError extends MetisError {
  override readonly name = "DeployError";
  override readonly exitCode: number;
  constructor(readonly outcome: DeployOutcome, message: string, options?: ErrorOptions) {
    super(oneLine(message), options);
    this.exitCode = OUTCOME_EXIT[outcome];
  }
}

/** The lab cannot be brought up or taken down on this machine. */
export class LabError extends MetisError {
  override readonly name = "LabError";
}

/** Machines cannot be made one Swarm, or taken out of it: the message says which and what to do. */
export class ClusterError extends MetisError {
  override readonly name = "ClusterError";
}

/** The load generator could not run. */
export class LoadError extends MetisError {
  override readonly name = "LoadError";
}

/** A measurement cannot be made, or what was measured cannot be used. */
export class MeasureError extends MetisError {
  override readonly name = "MeasureError";
}

/** A Prometheus does not answer, or refuses what it is asked. */
export class PrometheusError extends MetisError {
  override readonly name = "PrometheusError";
}

/** Text of others as one line of bounded length, without control characters. */
export function oneLine(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, " ").trim();
  return line.length > 600 ? line.slice(0, 599) + "…" : line;
}
