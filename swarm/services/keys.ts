/**
 * Keys of a service that are not deployed as they are written, and what that means.
 * @module
 */

/** Keys that Docker's stacks ignore too, or that are for other tools. */
export const IGNORED: Readonly<Record<string, string>> = {
  build: "images are built and pushed beforehand",
  cgroup_parent: "Swarm has no such setting: containers are in the engine's own control group",
  cgroupns_mode: "Swarm has no such setting: the engine's default holds",
  container_name: "Swarm names containers itself: use the service's name",
  depends_on: "services start in any order: they have to wait for each other themselves",
  devices: "Swarm gives containers no devices: they run without",
  domainname: "Swarm has no such setting: containers have no domain",
  expose: "containers on one network reach all ports of each other",
  external_links: "services find each other by name on the networks that they share",
  ipc: "Swarm has no such setting: each container has its own",
  links: "services find each other by name on the networks that they share",
  mac_address: "Swarm has no such setting: the engine chooses it",
  network_mode: "Swarm has no such setting: `networks` says where a service is",
  pid: "Swarm has no such setting: each container has its own",
  platform: "the image decides",
  privileged: "Swarm gives no privileges: containers run without (see cap_add)",
  profiles: "all services of the file count",
  pull_policy: "nodes pull the image where they lack it",
  security_opt: "Swarm has no such setting: the engine's default holds",
  shm_size: "Swarm has no such setting: 64 MiB (a volume of type tmpfs at /dev/shm has any size)",
  tmpfs: "Swarm drops it: write a volume of type tmpfs",
  userns_mode: "Swarm has no such setting: the engine's default holds",
};

/** Keys of `deploy` that the plan and the deployer decide for the apps of a plan. */
export const DECIDED: Readonly<Record<string, string>> = {
  replicas: "the plan says how many containers of its apps run",
};

/** Of `deploy.placement`. */
export const DECIDED_PLACEMENT: Readonly<Record<string, string>> = {
  preferences: "the plan says where containers of its apps run (rules.spread of a problem file)",
};

const LIMITS = "not taken by Docker's stacks: write deploy.resources";
/** What to do about keys that are refused. */
export const REMEDIES: Readonly<Record<string, string>> = {
  cpu_quota: LIMITS,
  cpu_shares: LIMITS,
  cpus: LIMITS,
  cpuset: LIMITS,
  credential_spec: "only for Windows, which Metis does not deploy to: remove it",
  extends: "not taken by Docker's stacks: write the service out, or use anchors of YAML",
  isolation: "only for Windows, which Metis does not deploy to: remove it",
  mem_limit: LIMITS,
  mem_reservation: LIMITS,
  memswap_limit: LIMITS,
  scale: "not taken by Docker's stacks: the plan says how many containers run",
  volume_driver: "not taken by Docker's stacks: give the volume a driver in `volumes` of the file",
  volumes_from: "not taken by Docker's stacks: name the volume in `volumes` of the file",
};
