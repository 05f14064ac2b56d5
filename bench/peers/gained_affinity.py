"""Second opinion on an assignment of RASA's M3: {"cluster": file, "assignment": {container: machine}} in, figures out."""
import collections
import json
import sys
from fractions import Fraction

question = json.load(sys.stdin)
with open(question["cluster"]) as file:
    cluster = json.load(file)
where = question["assignment"]
service_of = {c: s for s in cluster["ServiceList"] for c in s["ContainerList"]}
there = collections.Counter((service_of[c]["Service"], m) for c, m in where.items() if c in service_of)
size = {s["Service"]: len(s["ContainerList"]) for s in cluster["ServiceList"]}
faults = len(set(service_of) ^ set(where))
for c, m in where.items():
    allowed = service_of[c]["CompatibleMachines"] if c in service_of else []
    faults += allowed != "*" and m not in allowed
for machine in cluster["MachineList"]:
    ip = machine["MachineIP"]
    for request, total in (("RequestCPU", "TotalCPU"), ("RequestMem", "TotalMem")):
        used = sum(Fraction(service_of[c][request]) for c, m in where.items() if m == ip and c in service_of)
        faults += used > Fraction(machine[total]) * (1 + Fraction(1, 10**9))
ips = [machine["MachineIP"] for machine in cluster["MachineList"]]
faults += sum(m not in ips for m in where.values())
kept = sum(
    Fraction(t["Traffic"]) * min(Fraction(there[a, ip], size[a]), Fraction(there[b, ip], size[b]))
    for t in cluster["TrafficList"]
    for a, b in [(t["Service1"], t["Service2"])]
    for ip in ips
)
print(json.dumps({"gained": float(kept / sum(Fraction(t["Traffic"]) for t in cluster["TrafficList"])), "faults": faults}))
