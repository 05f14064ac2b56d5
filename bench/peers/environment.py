"""Steps per second of `metis env` from Python: the client of docs/environment.md, playing random actions.

Standard input: {"program": [...], "arguments": [...], "seconds": s, "numbers": [n, ...]}. The client is in PYTHONPATH.
"""
import json
import sys
import time

import numpy as np
from metis_env import MetisVectorEnv


def steps_per_second(env, seconds):
    draws = np.random.default_rng(1)
    _, infos = env.reset(seed=1)
    steps, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        mask = infos["action_mask"]
        actions = (draws.random(mask.shape, dtype=np.float32) * mask).argmax(axis=1)
        _, _, _, _, infos = env.step(actions)
        steps += env.num_envs
    return steps / (time.perf_counter() - started)


given = json.load(sys.stdin)
figures = []
for number in given["numbers"]:
    env = MetisVectorEnv(*given["arguments"], "--number", str(number), program=given["program"])
    steps_per_second(env, given["seconds"] / 4)
    figures.append(steps_per_second(env, given["seconds"]))
    env.close()
json.dump(figures, sys.stdout)
