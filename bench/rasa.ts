/**
 * The production cluster M3 of RASA (Resource Allocation with Service Affinity, ICDE 2024), from ../shared/data/rasa.
 * @module
 */
import * as v from "valibot";
import { NO_RULES, type Placement, type Problem, type TrafficPair } from "../domain/mod.ts";
import { findReferenceFolder } from "../reference/folder.ts";

const schema = v.object({
  ServiceList: v.array(v.object({
    Service: v.string(),
    RequestCPU: v.number(),
    RequestMem: v.number(),
    ContainerList: v.array(v.string()),
    CompatibleMachines: v.union([v.literal("*"), v.array(v.string())]),
  })),
  MachineList: v.array(v.object({
    MachineIP: v.string(),
    TotalCPU: v.number(),
    TotalMem: v.number(),
    InitialDeployingContainers: v.array(v.string()),
  })),
  TrafficList: v.array(v.object({
    Service1: v.string(),
    Service2: v.string(),
    Traffic: v.number(),
  })),
});

/** A cluster as the release has it; "*" means that every machine is compatible. */
export type RasaCluster = v.InferOutput<typeof schema>;

/** Where each container is: its name, and the address of the machine. */
export type RasaAssignment = ReadonlyMap<string, string>;

/** Address of the file, null if it is not there. */
export function rasaFile(): URL | null {
  const folder = findReferenceFolder();
  if (folder === null) return null;
  const file = new URL("rasa/M3.json", folder);
  try {
    return Deno.statSync(file).isFile ? file : null;
  } catch {
    return null;
  }
}

/** Reads a cluster of the release. */
export function readRasa(file: URL): RasaCluster {
  return v.parse(schema, JSON.parse(Deno.readTextFileSync(file)));
}

/** Where its containers are today. */
export function rasaToday({ MachineList }: RasaCluster): RasaAssignment {
  return new Map(
    MachineList.flatMap(({ MachineIP, InitialDeployingContainers }) =>
      InitialDeployingContainers.map((container) => [container, MachineIP] as const)
    ),
  );
}

/** The cluster as a problem of ours: a class for each machine, which its address labels; slots as many as there may be. */
export function rasaProblem(
  { ServiceList, MachineList, TrafficList }: RasaCluster,
): { readonly problem: Problem; readonly pairs: TrafficPair[] } {
  const apps = ServiceList.map(({ Service }) => Service);
  const indexOf = new Map(apps.map((app, index) => [app, index]));
  const isAnywhere = ServiceList.every(({ CompatibleMachines }) =>
    CompatibleMachines.includes("*")
  );
  if (!isAnywhere) throw new Error("Clusters with incompatible machines are not read yet");
  return {
    problem: {
      apps,
      demand: ServiceList.map(({ ContainerList }) => ContainerList.length),
      needs: ServiceList.map(({ RequestCPU, RequestMem }) => ({
        cpu: RequestCPU,
        memory: RequestMem,
      })),
      rules: NO_RULES,
      cluster: {
        nodeClasses: MachineList.map(({ MachineIP, TotalCPU, TotalMem }) => ({
          name: MachineIP,
          capacity: 255,
          count: 1,
          labels: {},
          failureDomain: null,
          resources: { cpu: TotalCPU, memory: TotalMem },
        })),
      },
    },
    pairs: TrafficList.map(({ Service1, Service2, Traffic }) => ({
      a: indexOf.get(Service1)!,
      b: indexOf.get(Service2)!,
      traffic: Traffic,
    })),
  };
}

/** A placement of {@link rasaProblem} by the names of containers, in the order of their lists. */
export function rasaAssignment(
  { ServiceList, MachineList }: RasaCluster,
  { counts, apps }: Placement,
): RasaAssignment {
  const placed = new Map<string, string>();
  ServiceList.forEach(({ ContainerList }, app) => {
    let next = 0;
    MachineList.forEach(({ MachineIP }, node) => {
      for (let left = counts[node * apps + app]!; left > 0; left--) {
        placed.set(ContainerList[next++] ?? `one too many on ${MachineIP}`, MachineIP);
      }
    });
  });
  return placed;
}
