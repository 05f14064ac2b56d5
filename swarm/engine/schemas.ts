/**
 * What we rely on in the answers of an engine: a daemon is input like any other. Unknown fields are
 * left alone, since every version of Docker adds some.
 * @module
 */
import * as v from "valibot";

const text = v.string();
const labels = v.optional(v.nullable(v.record(v.string(), v.string())), {});
const version = v.object({ Index: v.number() });

/** A node of a Swarm. */
export const nodeSchema = v.object({
  ID: text,
  Version: version,
  Spec: v.looseObject({
    Labels: labels,
    Role: v.optional(text, "worker"),
    Availability: v.optional(text, "active"),
  }),
  // A node that is just joining has not said its name yet.
  Description: v.optional(
    v.object({
      Hostname: v.optional(text, ""),
      Resources: v.optional(
        v.object({ NanoCPUs: v.optional(v.number()), MemoryBytes: v.optional(v.number()) }),
        {},
      ),
      Platform: v.optional(v.object({ OS: v.optional(text), Architecture: v.optional(text) })),
      Engine: v.optional(v.object({ Labels: labels })),
    }),
    { Hostname: "", Resources: {} },
  ),
  Status: v.object({ State: text, Message: v.optional(text, ""), Addr: v.optional(text, "") }),
});

/** A port that a service or a task publishes. */
export const portSchema = v.looseObject({
  Protocol: v.optional(text, "tcp"),
  TargetPort: v.optional(v.number(), 0),
  PublishedPort: v.optional(v.number(), 0),
  PublishMode: v.optional(text, "ingress"),
});

/** How many containers a service has. */
const modeSchema = v.looseObject({
  Replicated: v.optional(v.nullable(v.looseObject({ Replicas: v.optional(v.number()) }))),
  ReplicatedJob: v.optional(
    v.nullable(v.looseObject({ TotalCompletions: v.optional(v.number()) })),
  ),
  Global: v.optional(v.nullable(v.looseObject({}))),
  GlobalJob: v.optional(v.nullable(v.looseObject({}))),
});

/** A service; `Spec` keeps every field, so that it can be sent back as it was. */
export const serviceSchema = v.object({
  ID: text,
  Version: version,
  Spec: v.looseObject({
    Name: text,
    Labels: labels,
    TaskTemplate: v.looseObject({}),
    Mode: v.optional(modeSchema, {}),
    EndpointSpec: v.optional(
      v.nullable(v.looseObject({ Ports: v.optional(v.nullable(v.array(portSchema))) })),
    ),
  }),
  /** How its last update goes, where there was one. */
  UpdateStatus: v.optional(v.nullable(v.looseObject({ State: v.optional(text, "") }))),
  /** What Swarm made of the specification. */
  Endpoint: v.optional(v.looseObject({ Ports: v.optional(v.nullable(v.array(portSchema))) }), {}),
});

/** A task: one container that was, is or will be. */
export const taskSchema = v.object({
  ID: text,
  ServiceID: v.optional(text, ""),
  NodeID: v.optional(text, ""),
  Slot: v.optional(v.number(), 0),
  CreatedAt: v.optional(text, ""),
  DesiredState: v.optional(text, ""),
  Spec: v.optional(
    v.looseObject({ ContainerSpec: v.optional(v.looseObject({ Labels: labels })) }),
    {},
  ),
  Status: v.object({
    State: text,
    Message: v.optional(text, ""),
    Err: v.optional(text, ""),
    Timestamp: v.optional(text, ""),
    PortStatus: v.optional(
      v.nullable(v.looseObject({ Ports: v.optional(v.nullable(v.array(portSchema))) })),
    ),
  }),
});

/** A config of a Swarm, without its data. */
export const configSchema = v.object({
  ID: text,
  Version: version,
  CreatedAt: v.optional(text, ""),
  Spec: v.looseObject({ Name: text, Labels: labels }),
});

/** A secret of a Swarm: the engine never tells its value. */
export const secretSchema = v.object({ ID: text, Spec: v.looseObject({ Name: text }) });

/** A network. */
export const networkSchema = v.object({
  Id: text,
  Name: text,
  Scope: v.optional(text, ""),
  IPAM: v.nullish(v.object({ Config: v.nullish(v.array(v.object({ Subnet: v.optional(text) }))) })),
});

/** The volumes of an engine's node. */
export const volumesSchema = v.object({
  Volumes: v.nullish(v.array(v.object({ Name: text }))),
});

/** The answer to a request that makes a network. */
export const createdNetworkSchema = v.object({ Id: text });

/** What an engine says about itself. */
export const infoSchema = v.object({
  Name: v.optional(text, ""),
  ServerVersion: v.optional(text, ""),
  Swarm: v.optional(
    v.looseObject({
      NodeID: v.optional(text, ""),
      NodeAddr: v.optional(text, ""),
      LocalNodeState: v.optional(text, "inactive"),
      ControlAvailable: v.optional(v.boolean(), false),
      Error: v.optional(text, ""),
    }),
    {},
  ),
});

/** The answer to a request that makes something. */
export const createdSchema = v.object({ ID: text });

/** The answer to GET /swarm. */
export const swarmSchema = v.object({
  JoinTokens: v.object({ Worker: text, Manager: text }),
});

/** A node of a Swarm, see {@link nodeSchema}. */
export type SwarmNodeInfo = v.InferOutput<typeof nodeSchema>;
/** A published port, see {@link portSchema}. */
export type Port = v.InferOutput<typeof portSchema>;
/** A service, see {@link serviceSchema}. */
export type Service = v.InferOutput<typeof serviceSchema>;
/** How many containers a service has, as the engine says it. */
export type Mode = v.InferOutput<typeof modeSchema>;
/** A task, see {@link taskSchema}. */
export type Task = v.InferOutput<typeof taskSchema>;
/** A config, see {@link configSchema}. */
export type Config = v.InferOutput<typeof configSchema>;
/** A secret's name and id, see {@link secretSchema}. */
export type Secret = v.InferOutput<typeof secretSchema>;
/** A network's name and id, see {@link networkSchema}. */
export type Network = v.InferOutput<typeof networkSchema>;
/** What an engine says about itself, see {@link infoSchema}. */
export type EngineInfo = v.InferOutput<typeof infoSchema>;
