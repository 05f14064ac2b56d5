/**
 * What may stand in a services file: the keys of Compose that are taken, and their values.
 * @module
 */
import * as v from "valibot";
import { measuringSchema } from "./measuring.ts";
import { parsePorts } from "./ports.ts";
import { shellWords } from "./shell_words.ts";
import { parseVolume } from "./volumes.ts";
import { notList, record } from "../../scheduling/plans/forms.ts";

const text = v.pipe(v.string(), v.maxLength(65536), v.regex(/^[^\0]*$/, "must not hold NUL"));
const name = v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "not a name");
const word = v.pipe(v.string(), name);
/** To Docker, an empty text is as good as none, which is what a variable that is not set leaves. */
const orNone = v.pipe(v.string(), v.transform((one) => one === "" ? undefined : one));
const wordOrNone = v.optional(v.pipe(orNone, v.optional(word)));
const numberOrText = v.union([v.number(), v.string()]);
const scalar = v.union([v.string(), v.number(), v.boolean()]);
const scalarText = v.pipe(scalar, v.transform(String), text);
const whole = v.pipe(v.number(), v.integer());
const port = v.pipe(whole, v.minValue(1), v.maxValue(65535));
const duration = v.pipe(
  v.string(),
  v.regex(
    /^(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/,
    "must be a duration such as 10s",
  ),
);
const environmentName = v.pipe(v.string(), v.regex(/^[^=\0]+$/, "not a name"));
const command = v.union([
  v.array(scalarText),
  v.null(),
  v.pipe(text, v.check((line) => shellWords(line) !== null, "has a quote without an end")),
]);
/** A list of NAME=VALUE, or an object. The list first: to valibot, an array is a record as well. */
const pairs = v.union([v.array(text), v.record(v.string(), v.nullable(scalar)), v.null()]);
const labels = v.optional(pairs, {});
const textOrList = v.union([v.array(scalarText), v.pipe(scalarText, v.transform((one) => [one]))]);
const options = record(v.string(), v.nullable(numberOrText));

/** Networks of a service: names, or an object of names. */
const networks = v.optional(
  v.union([
    v.array(word),
    v.record(
      word,
      v.nullable(v.strictObject({
        aliases: v.optional(v.array(text)),
        driver_opts: v.optional(options),
        ipv4_address: v.optional(text),
        ipv6_address: v.optional(text),
      })),
    ),
    v.null(),
  ]),
  [],
);

const fileUse = v.union([
  v.pipe(word, v.transform((source) => ({ source }))),
  v.strictObject({
    source: word,
    target: v.optional(text),
    uid: v.optional(scalarText),
    gid: v.optional(scalarText),
    mode: v.optional(v.pipe(whole, v.minValue(0), v.maxValue(0o7777))),
  }),
]);
/** Configs and secrets of a service: names, or where and as whose the file is there. */
const fileUses = v.optional(
  v.union([
    v.array(fileUse),
    // Metis took an object of names before it took the long form.
    v.pipe(
      v.record(word, v.null()),
      v.transform((given) => Object.keys(given).map((source) => ({ source }))),
    ),
    v.null(),
  ]),
  [],
);

/** Nothing of it is no limit. */
const amount = v.pipe(
  numberOrText,
  v.transform((given) => /^0*\.?0+\s*[a-z]*$/i.test(String(given)) ? undefined : given),
);
const limits = {
  cpus: v.optional(v.union([v.pipe(v.literal(""), v.transform(() => undefined)), amount])),
  memory: v.optional(amount),
  pids: v.optional(v.pipe(whole, v.minValue(1))),
};

const releaseForm = notList(v.strictObject({
  parallelism: v.optional(v.pipe(whole, v.minValue(0))),
  delay: v.optional(duration),
  failure_action: v.optional(
    v.pipe(orNone, v.optional(v.picklist(["pause", "continue", "rollback"]))),
  ),
  monitor: v.optional(duration),
  max_failure_ratio: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  order: v.optional(v.picklist(["stop-first", "start-first"])),
}));
/** How a service gets another specification. */
export type WrittenRelease = v.InferOutput<typeof releaseForm>;

const PROTOCOLS = ["tcp", "udp", "sctp"] as const;
const volume = v.strictObject({
  type: v.picklist(["bind", "volume", "tmpfs"]),
  source: v.optional(text),
  target: text,
  read_only: v.optional(v.boolean(), false),
  consistency: v.optional(text),
  // Docker takes no notice of what else stands in these three.
  bind: v.optional(v.object({ propagation: v.optional(text) })),
  volume: v.optional(v.object({ nocopy: v.optional(v.boolean()), subpath: v.optional(text) })),
  tmpfs: v.optional(v.object({ size: v.optional(numberOrText) })),
});

/** A service of a services file. */
export const serviceSchema = v.strictObject({
  image: v.optional(v.string()),
  cap_add: v.optional(v.array(word)),
  cap_drop: v.optional(v.array(word)),
  command: v.optional(command),
  entrypoint: v.optional(command),
  configs: fileUses,
  dns: v.optional(textOrList),
  dns_search: v.optional(textOrList),
  env_file: v.optional(textOrList),
  environment: v.optional(
    v.union([v.array(text), v.record(environmentName, v.nullable(scalar)), v.null()]),
  ),
  extra_hosts: v.optional(v.union([v.array(text), v.record(v.string(), scalarText)])),
  logging: v.optional(
    notList(v.strictObject({ driver: v.optional(text), options: v.optional(options) })),
  ),
  oom_score_adj: v.optional(v.pipe(whole, v.minValue(-1000), v.maxValue(1000))),
  ports: v.optional(v.array(v.union([
    v.pipe(
      v.string(),
      v.check(
        (line) => parsePorts(line) !== null,
        "a port is a number from 1 to 65535, as 8081:8080/tcp",
      ),
    ),
    port,
    v.strictObject({
      target: port,
      published: v.optional(
        v.union([v.literal(0), port, v.pipe(v.string(), v.regex(/^\d{1,5}$/))]),
      ),
      protocol: v.optional(v.pipe(v.string(), v.toLowerCase(), v.picklist(PROTOCOLS)), "tcp"),
      mode: v.optional(v.picklist(["host", "ingress"])),
    }),
  ]))),
  user: v.optional(scalarText),
  working_dir: v.optional(text),
  hostname: v.optional(text),
  init: v.optional(v.boolean()),
  read_only: v.optional(v.boolean()),
  restart: v.optional(
    v.pipe(
      v.union([v.string(), v.pipe(v.boolean(), v.transform((is) => is ? "always" : "no"))]),
      v.regex(/^(|no|always|unless-stopped|on-failure(:\d{1,4})?)$/, "not a restart policy"),
    ),
  ),
  stdin_open: v.optional(v.boolean()),
  stop_grace_period: v.optional(duration),
  stop_signal: v.optional(word),
  sysctls: v.optional(pairs),
  tty: v.optional(v.boolean()),
  ulimits: v.optional(
    record(word, v.union([whole, v.strictObject({ soft: whole, hard: whole })])),
  ),
  labels,
  networks,
  secrets: fileUses,
  volumes: v.optional(v.array(v.union([
    v.pipe(
      text,
      v.check(
        (line) => parseVolume(line) !== null,
        "must be SOURCE:/TARGET, and further words: SOURCE:/TARGET:ro",
      ),
    ),
    volume,
  ]))),
  healthcheck: v.optional(notList(v.strictObject({
    disable: v.optional(v.boolean()),
    test: v.optional(v.union([v.array(text), text])),
    interval: v.optional(duration),
    timeout: v.optional(duration),
    start_period: v.optional(duration),
    start_interval: v.optional(duration),
    retries: v.optional(v.pipe(whole, v.minValue(0))),
  }))),
  deploy: v.optional(
    notList(v.strictObject({
      mode: v.optional(v.pipe(
        orNone,
        v.optional(v.picklist(["replicated", "global", "replicated-job", "global-job"])),
      )),
      replicas: v.optional(v.pipe(whole, v.minValue(0))),
      update_config: v.optional(releaseForm),
      rollback_config: v.optional(releaseForm),
      labels,
      resources: v.optional(
        notList(v.strictObject({
          limits: v.optional(notList(v.strictObject(limits))),
          reservations: v.optional(notList(v.strictObject({
            ...limits,
            generic_resources: v.optional(v.array(v.strictObject({
              discrete_resource_spec: v.strictObject({ kind: text, value: whole }),
            }))),
          }))),
        })),
        {},
      ),
      restart_policy: v.optional(
        notList(v.strictObject({
          condition: v.optional(
            v.pipe(orNone, v.optional(v.picklist(["none", "on-failure", "any"]))),
          ),
          delay: v.optional(duration),
          max_attempts: v.optional(v.pipe(whole, v.minValue(0))),
          window: v.optional(duration),
        })),
      ),
      placement: v.optional(notList(v.strictObject({
        constraints: v.optional(
          v.array(
            v.pipe(
              v.string(),
              v.regex(
                /^\s*(node|engine)\.[A-Za-z0-9_.-]+ *(==|!=) *[\w.:\s*()?+[\]\\^$|/-]+$/,
                "not a constraint of Swarm: write node.role==manager or node.labels.NAME!=VALUE, without quotes",
              ),
            ),
          ),
          [],
        ),
        max_replicas_per_node: v.optional(v.pipe(whole, v.minValue(0))),
        preferences: v.optional(v.array(v.strictObject({ spread: text }))),
      }))),
      endpoint_mode: v.optional(
        v.pipe(v.string(), v.toLowerCase(), v.picklist(["dnsrr", "vip"])),
      ),
    })),
    {},
  ),
  // As Compose has it for extensions: how the service is measured.
  "x-metis": v.optional(measuringSchema),
});

/** A service as it is written. */
export type WrittenService = v.InferOutput<typeof serviceSchema>;

/** Made by others: `true`, or in the form of old files the name under which it is. */
const madeByOthers = <Name extends v.GenericSchema>(name: Name) =>
  v.optional(v.union([v.boolean(), v.strictObject({ name })]));
const named = { name: wordOrNone, external: madeByOthers(wordOrNone), labels };
const driverOptions = v.optional(v.nullable(options));
/** Drivers of volumes have names of any form, and Swarm fills in templates: a volume of another name on each node. */
const volumeName = v.optional(
  v.pipe(orNone, v.optional(v.pipe(text, v.regex(/^[A-Za-z0-9{][^\r\n]{0,254}$/, "not a name")))),
);
const fileForm = { ...named, file: v.optional(text), template_driver: v.optional(word) };

/** Forms of what a file defines besides services, each under its name. */
export const definitionSchemas = {
  networks: notList(v.strictObject({
    ...named,
    driver: wordOrNone,
    driver_opts: driverOptions,
    attachable: v.optional(v.boolean()),
    internal: v.optional(v.boolean()),
    ipam: v.optional(notList(v.strictObject({
      driver: v.optional(word),
      config: v.optional(v.array(v.strictObject({ subnet: v.optional(text) }))),
    }))),
  })),
  volumes: notList(v.strictObject({
    name: volumeName,
    external: madeByOthers(volumeName),
    labels,
    // A plugin has the name of an image.
    driver: v.optional(
      v.pipe(
        orNone,
        v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9][\w.\/:@-]{0,254}$/, "not a name"))),
      ),
    ),
    driver_opts: driverOptions,
  })),
  configs: notList(v.strictObject(fileForm)),
  secrets: notList(v.strictObject(fileForm)),
} as const;

/** A network as it is written. */
export type WrittenNetwork = v.InferOutput<typeof definitionSchemas.networks>;
/** A volume as it is written. */
export type WrittenVolume = v.InferOutput<typeof definitionSchemas.volumes>;
/** A config or a secret as it is written. */
export type WrittenFile = v.InferOutput<typeof definitionSchemas.configs>;
