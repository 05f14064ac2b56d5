"""Episodes a second of the paper's high-level training with numpy in place of TensorFlow, as JSON: 81 nodes in three
sub-clusters, one network above, three a sub-cluster below, REINFORCE with Adam. Input (JSON on standard input): demand,
capacity, updates, episodes (of an update), table (throughput of a node by configuration "1,0,2")."""
import json, sys, time
import numpy as np

given = json.load(sys.stdin)
demand, capacity, table = given["demand"], given["capacity"], given["table"]
apps, random = len(demand), np.random.default_rng(0)
arrivals = [app for app, count in enumerate(demand) for _ in range(count)]


def network(inputs):
    return [random.normal(0, 0.3, (inputs, 128)), np.full(128, 0.1), random.normal(0, 0.3, (128, 3)), np.full(3, 0.1)]


def logits(weights, observation):
    return np.tanh(observation @ weights[0] + weights[1]) @ weights[2] + weights[3]


high, subs = network(4 * apps), [network(3 * apps + 1 + apps) for _ in range(3)]
moments = [[np.zeros_like(w), np.zeros_like(w)] for w in high]


def place_sub(share):
    """A sub-scheduler fills 27 nodes greedily: three levels of three choices for each container."""
    nodes, left = np.zeros((27, apps)), share.copy()
    for app in [app for app in range(apps) for _ in range(int(share[app]))]:
        left[app] -= 1
        first, size = 0, 27
        for level in subs:
            size //= 3
            groups = nodes[first:first + 3 * size].reshape(3, size, apps)
            sums = groups.sum(1)
            room = size * capacity - sums.sum(1)
            sums[:, app] += 1
            scores = logits(level, np.concatenate([sums.ravel(), [app], left]))
            first += size * int(np.argmax(np.where(room > 0, scores, -np.inf)))
        nodes[first, app] += 1
    return sum(table[",".join(str(int(count)) for count in node)] for node in nodes if node.any())


def play():
    shares, observations, actions = np.zeros((3, apps)), [], []
    for app in arrivals:
        seen, one_hot = shares.copy(), np.zeros(apps)
        seen[:, app] += 1
        one_hot[app] = 1
        observation = np.concatenate([seen.ravel(), one_hot])
        scores = np.where(shares.sum(1) < 27 * capacity, logits(high, observation), -np.inf)
        chances = np.exp(scores - scores.max())
        action = random.choice(3, p=chances / chances.sum())
        shares[action, app] += 1
        observations.append(observation)
        actions.append(action)
    return observations, actions, sum(place_sub(share) for share in shares) / len(arrivals)


def learn(episodes, step):
    rewards = np.array([mean for _, _, mean in episodes])
    rewards = np.repeat((rewards - rewards.mean()) / (rewards.std() + 1e-9), len(arrivals))
    x = np.array([row for observations, _, _ in episodes for row in observations])
    taken = np.array([action for _, actions, _ in episodes for action in actions])
    hidden = np.tanh(x @ high[0] + high[1])
    scores = hidden @ high[2] + high[3]
    chances = np.exp(scores - scores.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    entropy = -(chances * np.log(chances + 1e-12)).sum(1, keepdims=True)
    error = (chances - np.eye(3)[taken]) * rewards[:, None] + 0.1 * chances * (np.log(chances + 1e-12) + entropy)
    error /= len(x)
    back = (error @ high[2].T) * (1 - hidden ** 2)
    gradients = [x.T @ back, back.sum(0), hidden.T @ error, error.sum(0)]
    for weight, gradient, (m, v) in zip(high, gradients, moments):
        m += 0.1 * (gradient - m)
        v += 0.001 * (gradient ** 2 - v)
        weight -= 0.015 * (m / (1 - 0.9 ** step)) / (np.sqrt(v / (1 - 0.999 ** step)) + 1e-8)


start = time.process_time()
for update in range(given["updates"]):
    learn([play() for _ in range(given["episodes"])], update + 1)
print(json.dumps({"episodesPerSecond": given["updates"] * given["episodes"] / (time.process_time() - start)}))
