/**
 * What may stand in a services file: the keys of Compose that are taken, and their values.
 * @module
 */
import * as v from "valibot";
import { measuringSchema } from "./measuring.ts";
import { shellWords } from "./shell_words.ts";
import { notList } from "../../scheduling/plans/forms.ts";

const text = v.pipe(v.string(), v.maxLength(65536), v.regex(/^[^\0]*$/, "must not hold NUL"));
const word = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "not a name"));
const numberOrText = v.union([v.number(), v.string()]);
const scalar = v.union([v.string(), v.number(), v.boolean()]);
const scalarText = v.pipe(scalar, v.transform(String), text);
const whole = v.pipe(v.number(), v.integer());
const port = v.pipe(whole, v.minValue(1), v.maxValue(65535));
const duration = v.pipe(
  v.string(),
  v.regex(/^(\d+(\.\d+)?(us|ms|s|m|h))+$/, "must be a duration such as 10s"),
);
const environmentName = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, "not a name"));
const command = v.union([
  v.array(scalarText),
  v.pipe(text, v.check((line) => shellWords(line) !== null, "has a quote without an end")),
]);
const labels = v.optional(
  // The list first: to valibot, an array is a record as well.
  v.union([v.array(text), v.record(v.string(), v.nullable(scalar))]),
  {},
);
/** Names, also as the keys of an object whose values say nothing. */
const names = v.optional(v.union([v.array(word), v.record(word, v.null())]), []);

const resources = notList(v.strictObject({
  cpus: v.optional(numberOrText),
  memory: v.optional(numberOrText),
  pids: v.optional(v.pipe(whole, v.minValue(1))),
}));

const volume = v.strictObject({
  type: v.picklist(["bind", "volume", "tmpfs"]),
  source: v.optional(text),
  target: text,
  read_only: v.optional(v.boolean(), false),
});

/** A service of a services file. */
export const serviceSchema = v.strictObject({
  image: v.string(),
  command: v.optional(command),
  entrypoint: v.optional(command),
  environment: v.optional(v.union([v.array(text), v.record(environmentName, v.nullable(scalar))])),
  ports: v.optional(v.array(v.union([
    v.pipe(v.string(), v.regex(/^(\d{1,5}:)?\d{1,5}(\/(tcp|udp|sctp))?$/, "must be 8081:8080/tcp")),
    port,
    v.strictObject({
      target: port,
      published: v.optional(v.union([port, v.pipe(v.string(), v.regex(/^\d{1,5}$/))])),
      protocol: v.optional(v.picklist(["tcp", "udp", "sctp"]), "tcp"),
      mode: v.optional(v.literal("host"), "host"),
    }),
  ]))),
  user: v.optional(scalarText),
  working_dir: v.optional(text),
  hostname: v.optional(word),
  init: v.optional(v.boolean()),
  read_only: v.optional(v.boolean()),
  stop_grace_period: v.optional(duration),
  labels,
  networks: names,
  secrets: names,
  volumes: v.optional(v.array(v.union([
    v.pipe(
      v.string(),
      v.regex(/^([^:]+:)?\/[^:]*(:r[ow])?$/, "must be SOURCE:/TARGET or SOURCE:/TARGET:ro"),
    ),
    volume,
  ]))),
  healthcheck: v.optional(v.strictObject({
    test: v.union([v.array(text), text]),
    interval: v.optional(duration),
    timeout: v.optional(duration),
    start_period: v.optional(duration),
    retries: v.optional(v.pipe(whole, v.minValue(0))),
  })),
  deploy: v.optional(
    v.strictObject({
      labels,
      resources: v.optional(
        v.strictObject({ limits: v.optional(resources), reservations: v.optional(resources) }),
        {},
      ),
      restart_policy: v.optional(
        v.strictObject({
          condition: v.optional(v.picklist(["none", "on-failure", "any"]), "any"),
          delay: v.optional(duration),
          max_attempts: v.optional(v.pipe(whole, v.minValue(0))),
          window: v.optional(duration),
        }),
      ),
      placement: v.optional(v.strictObject({
        constraints: v.optional(v.array(text), []),
        max_replicas_per_node: v.optional(v.pipe(whole, v.minValue(0))),
      })),
      endpoint_mode: v.optional(v.picklist(["dnsrr", "vip"]), "dnsrr"),
    }),
    {},
  ),
  // As Compose has it for extensions: how the service is measured.
  "x-metis": v.optional(measuringSchema),
});

/** A service as it is written. */
export type WrittenService = v.InferOutput<typeof serviceSchema>;

/** Networks, secrets and volumes of the whole file: those that are in the Swarm already. */
const existing = v.optional(v.record(
  word,
  v.nullable(v.strictObject({ external: v.optional(v.boolean()), name: v.optional(word) })),
));

/** A services file; its services are checked one by one. */
export const fileSchema = v.strictObject({
  version: v.optional(numberOrText),
  name: v.optional(v.string()),
  services: v.record(v.string(), v.record(v.string(), v.unknown())),
  networks: existing,
  secrets: existing,
  volumes: existing,
});
