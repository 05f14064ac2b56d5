"""Seconds of scipy's milp (native HiGHS) on the plain configuration program over all columns, as JSON.
Input, JSON: counts (configurations x apps), values, demand, nodes, timeLimit."""
import json, sys, time
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

data = json.load(sys.stdin)
counts = np.array(data["counts"], dtype=float)
values = np.array(data["values"])
demand = np.array(data["demand"], dtype=float)
matrix = csr_matrix(np.vstack([counts.T, np.ones(len(values))]))
start = time.perf_counter()
result = milp(
    -values,
    integrality=np.ones(len(values)),
    bounds=Bounds(0, np.inf),
    constraints=LinearConstraint(matrix, np.append(demand, 0), np.append(demand, data["nodes"])),
    options={"time_limit": data["timeLimit"], "mip_rel_gap": 1e-9},
)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "total": None if result.x is None else -result.fun, "status": int(result.status)}))
