"""Seconds of scipy's milp (native HiGHS) on the plain configuration program over all columns, as JSON.
Input, JSON: counts (configurations x apps), values, demand, timeLimit; nodes of each group, and groups (that of each
configuration), or nodes alone where all are alike."""
import json, sys, time
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

data = json.load(sys.stdin)
counts = np.array(data["counts"], dtype=float)
values = np.array(data["values"])
demand = np.array(data["demand"], dtype=float)
nodes = np.atleast_1d(np.array(data["nodes"], dtype=float))
groups = np.array(data.get("groups", np.zeros(len(values))))
ofGroup = (groups[None, :] == np.arange(len(nodes))[:, None]).astype(float)
matrix = csr_matrix(np.vstack([counts.T, ofGroup]))
start = time.perf_counter()
result = milp(
    -values,
    integrality=np.ones(len(values)),
    bounds=Bounds(0, np.inf),
    constraints=LinearConstraint(
        matrix, np.append(demand, np.zeros(len(nodes))), np.append(demand, nodes)
    ),
    options={"time_limit": data["timeLimit"], "mip_rel_gap": 1e-9},
)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "total": None if result.x is None else -result.fun, "status": int(result.status)}))
