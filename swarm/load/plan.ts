import * as v from "valibot";
import { UsageError } from "../../domain/errors.ts";
import { notList, record } from "../../scheduling/plans/forms.ts";

/** Most connections to one target at once; further requests of an open loop wait for one. */
export const MAX_CONNECTIONS = 1024;
/** Most requests per second to one target: beyond it, one process cannot keep a schedule. */
export const MAX_RATE = 50_000;

const MOST_SECONDS = 86_400;
const seconds = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(MOST_SECONDS));
const positive = v.pipe(seconds, v.check((value) => value > 0, "must be above 0"));
// What ends a line of a header would begin another one.
const oneLine = v.pipe(v.string(), v.maxLength(8192), v.regex(/^[\t\x20-\x7e]*$/, "not one line"));
const token = v.pipe(v.string(), v.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, "not a token"));

/** How a request that loads a container looks. */
export const requestSchema = notList(v.strictObject({
  method: v.optional(token, "GET"),
  path: v.optional(v.pipe(oneLine, v.regex(/^\/[^\s#]*$/, "must begin with /")), "/"),
  headers: v.optional(record(token, oneLine), {}),
  body: v.optional(v.pipe(v.string(), v.maxLength(1 << 20))),
}));

/** Who is loaded, and with what. */
export const targetSchema = v.strictObject({
  /** Stands for the target in results. */
  name: v.pipe(v.string(), v.maxLength(300)),
  /** Origin: `http://10.0.0.1:8081`. */
  origin: v.pipe(v.string(), v.check(isOrigin, "must be like http://10.0.0.1:8081")),
  request: requestSchema,
});

/** Users that wait for each answer, and then some more. */
const closedSchema = v.strictObject({
  kind: v.literal("closed"),
  /** Users of each target. */
  users: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_CONNECTIONS)),
  /** Seconds between an answer and the next request: drawn evenly from this range. */
  waitLeast: seconds,
  waitMost: seconds,
});

/** Requests on a schedule, whatever the answers. */
const openSchema = v.strictObject({
  kind: v.literal("open"),
  /** Requests per second to each target, evenly spaced. */
  rate: v.pipe(positive, v.maxValue(MAX_RATE)),
});

/** One run of the load generator: all targets at once. */
export const loadPlanSchema = v.strictObject({
  targets: v.pipe(v.array(targetSchema), v.minLength(1), v.maxLength(1000)),
  loop: v.variant("kind", [closedSchema, openSchema]),
  /** Seconds of load before anything counts. */
  warmUp: seconds,
  /** Seconds of each measurement. */
  duration: positive,
  /** Measurements one after another, without a pause. */
  repeats: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)),
  /** Seconds until a request is given up. */
  timeout: positive,
  /** Of the waits. */
  seed: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4294967295)),
});

/** The request that loads a container, see {@link requestSchema}. */
export type LoadRequest = v.InferOutput<typeof requestSchema>;
/** Who is loaded, see {@link targetSchema}. */
export type LoadTarget = v.InferOutput<typeof targetSchema>;
/** One run of the load generator, see {@link loadPlanSchema}. */
export type LoadPlan = v.InferOutput<typeof loadPlanSchema>;
/** How requests follow each other. */
export type Loop = LoadPlan["loop"];

/** @throws {UsageError} naming the first field that cannot be. */
export function checkLoadPlan(value: unknown): LoadPlan {
  const result = v.safeParse(loadPlanSchema, value, { abortEarly: true });
  if (!result.success) {
    const issue = result.issues[0];
    throw new UsageError(`Load: ${v.getDotPath(issue) ?? "plan"}: ${issue.message}`);
  }
  const { loop } = result.output;
  if (loop.kind === "closed" && loop.waitMost < loop.waitLeast) {
    throw new UsageError(
      `Load: wait ${loop.waitLeast}..${loop.waitMost}: the smaller number must come first`,
    );
  }
  return result.output;
}

/** The target that a URL names. @throws {UsageError} if it is not a URL of http or https. */
export function targetOf(text: string, request: LoadRequest): LoadTarget {
  const whole = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`Not a URL to load: ${JSON.stringify(text.slice(0, 200))}`);
  }
  const path = url.pathname + url.search;
  return { name: url.href, origin: url.origin, request: { ...request, path } };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) &&
    new URL(text).origin === text;
}
