"""Seconds that scikit-learn takes for the forests of the paper (100 trees an app, depth 20), as JSON.
Input: a CSV profile on standard input, already restricted to the training rows."""
import json, sys, time
import numpy as np
from sklearn.ensemble import RandomForestRegressor

lines = sys.stdin.read().strip().split("\n")
header = lines[0].split(",")
apps = sum(1 for name in header if ":" not in name)
rows = np.array([[float(cell) if cell not in ("", "NaN") else 0.0 for cell in line.split(",")] for line in lines[1:]])
counts, rps = rows[:, :apps], rows[:, apps:2 * apps]
fits, models = [], []
for repeat in range(3):
    start = time.perf_counter()
    models = [RandomForestRegressor(100, max_depth=20, random_state=0).fit(counts, rps[:, app]) for app in range(apps)]
    fits.append(time.perf_counter() - start)
grid = np.repeat(counts, 6435 // len(counts) + 1, axis=0)[:6435]
start = time.perf_counter()
for model in models:
    model.predict(grid)
print(json.dumps({"fit": sorted(fits)[1], "predict6435": time.perf_counter() - start}))
