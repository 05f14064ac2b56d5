import { MetisError } from "../../domain/errors.ts";

/** Something that a workload depends on is not there, or its work came out wrong: a request ends by HTTP 500. */
export class ServiceError extends MetisError {
  override readonly name = "ServiceError";
}
