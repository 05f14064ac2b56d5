import type { RasaAssignment, RasaCluster } from "./rasa.ts";

/** What the definition says of an assignment. */
export interface GainedAffinity {
  /** Sum over pairs of traffic x sum over machines of min(share of the one there, share of the other), by all traffic. */
  readonly gained: number;
  /** What it breaks, a line each: containers, machines, resources. */
  readonly faults: readonly string[];
}

/**
 * Values an assignment straight from the definition, container by container and in the words of the release: it shares
 * nothing with what searches.
 */
export function gainedAffinity(cluster: RasaCluster, assignment: RasaAssignment): GainedAffinity {
  const { ServiceList, MachineList, TrafficList } = cluster;
  const machines = new Map(MachineList.map((machine) => [machine.MachineIP, machine]));
  const faults: string[] = [];
  const used = new Map(MachineList.map(({ MachineIP }) => [MachineIP, { cpu: 0, memory: 0 }]));
  const shares = new Map<string, Map<string, number>>();
  const known = new Set<string>();
  for (const service of ServiceList) {
    const share = new Map<string, number>();
    for (const container of service.ContainerList) {
      known.add(container);
      const machine = assignment.get(container);
      if (machine === undefined || !machines.has(machine)) {
        faults.push(`${container} of ${service.Service} is on no machine`);
        continue;
      }
      if (
        service.CompatibleMachines !== "*" && !service.CompatibleMachines.includes(machine)
      ) {
        faults.push(`${container} of ${service.Service} may not be on ${machine}`);
      }
      const use = used.get(machine)!;
      use.cpu += service.RequestCPU;
      use.memory += service.RequestMem;
      share.set(machine, (share.get(machine) ?? 0) + 1 / service.ContainerList.length);
    }
    shares.set(service.Service, share);
  }
  for (const container of assignment.keys()) {
    if (!known.has(container)) faults.push(`there is no container ${container}`);
  }
  for (const { MachineIP, TotalCPU, TotalMem } of MachineList) {
    const { cpu, memory } = used.get(MachineIP)!;
    // Sums of thousands of fractions are rounded.
    if (cpu > TotalCPU * (1 + 1e-9)) faults.push(`${MachineIP} has too little CPU`);
    if (memory > TotalMem * (1 + 1e-9)) faults.push(`${MachineIP} has too little memory`);
  }
  let kept = 0;
  let all = 0;
  for (const { Service1, Service2, Traffic } of TrafficList) {
    all += Traffic;
    for (const { MachineIP } of MachineList) {
      kept += Traffic * Math.min(
        shares.get(Service1)!.get(MachineIP) ?? 0,
        shares.get(Service2)!.get(MachineIP) ?? 0,
      );
    }
  }
  return { gained: kept / all, faults };
}
