#!/usr/bin/env python3
"""Fits the tables of src/select/rank/table.rs. Needs numpy only.

usage: fit_rank.py FOLDER [--write TABLE.rs]

FOLDER holds, for each paper, PAPER.dev.cases.jsonl.gz and PAPER.dev.truth.jsonl.gz (see README.md beside). The first half of each paper's
mornings, by date, is fitted; the second half is judged. Every paper counts the same, and so does every morning.
"""
import argparse, gzip, json, math, pathlib
import numpy as np

# Must say the same as the Rust code: src/select/rank/mod.rs and table.rs.
MEMORY, LONGEST, ENOUGH, DOUBT = 0.5, 4.0, 2.0, 0.7
BRIEFEST, NOVICE, BEST, NEIGHBOURS, THINNING = 0.25, 0.2, 10, 8.0, 16.0
AGES = [0.0, 2.0, 6.0, 12.0, 24.0, 48.0, 96.0]  # hours
RATES = [-2.6, -2.1, -1.6, -1.0, -0.4, 0.3, 1.0, 2.5]  # logarithm of a rate over the level of the ten best
# How strongly the tables are held straight: weights of the squared slope, the squared bend, and the squared value.
SLOPE, BEND, SIZE = 1e-3, 3e-3, 1e-4
# The least slope along the rate: more readers always raise a score, where there are few mornings to learn it from too.
LEAST = 0.3
HOUR, SECOND = 3600.0, 1 / 3600.0


def load(folder, paper):
    """The mornings of a paper, by date, with counts as a counter of whole views would have them."""
    lines = lambda kind: map(json.loads, gzip.open(folder / f"{paper}.dev.{kind}.jsonl.gz", "rt"))
    truths = {truth["case"]: truth for truth in lines("truth")}
    mornings = []
    for case in sorted(lines("cases"), key=lambda case: case["t"]):
        stories, truth, now = case["candidates"], truths[case["case"]], case["t"]
        unit = 1 if paper == "hn" else 10  # exposure points, x 10 as in make_inputs.py
        counts = []
        for story in stories:
            steps, before = [], 0.0
            for at, total in story["series"]:
                views, before = round((total - before) * unit), total
                if views > 0:
                    steps.append(((now - at) / HOUR, float(views)))
            counts.append(steps)
        gains = lambda target: np.array(
            [truth["gains"].get(target, {}).get(story["id"], 0.0) * (story["id"] in visible) * unit for story in stories]
        )
        visible = set(truth["visible"])
        morning = dict(
            case=case["case"],
            ids=[story["id"] for story in stories],
            published=np.array([story["published"] for story in stories]),
            age=np.array([(now - story["published"]) / HOUR for story in stories]),
            section=[story["section"].lower() for story in stories],
            counts=counts,
            since_midnight=(now - case["day"]) / HOUR,
            gains={target: gains(target) for target in ("next12", "day")},
        )
        morning["series"] = facts(morning)
        morning["totals"] = facts(morning, totals=True)
        mornings.append(morning)
    return mornings


def weight(since, to, memory):
    """The mean weight of views spread evenly over a time, given in hours ago."""
    since, to = since / memory, to / memory
    if since - to < 1e-6:
        return math.exp(-to)
    return (math.exp(-to) - math.exp(-since)) / (since - to)


def facts(morning, totals=False, memory=MEMORY):
    """What the tables are read by: age, rate over the level of the ten best, and the section's readers."""
    readings = sorted({ago for steps in morning["counts"] for ago, _ in steps}, reverse=True)
    counted = 0.0 if totals else readings[-1]  # a list of totals is read when it is asked for
    life = np.maximum(morning["age"] - counted, 0.0)
    stories = len(life)
    recent, today, day = np.zeros(stories), np.zeros(stories), np.zeros(stories)
    before = {ago: older for older, ago in zip(readings, readings[1:])}
    for story, steps in enumerate(morning["counts"]):
        if totals and steps:
            steps = [(counted, sum(views for _, views in steps))]
        for ago, views in steps:
            to = ago - counted
            since = before.get(ago)
            if totals or since is None:
                since = life[story]
            else:
                since -= counted
                since = min(since, life[story]) if life[story] > to + SECOND else since
            since = max(since, to)
            recent[story] += views * weight(since, to, memory)
            within = lambda start: 1.0 if since <= start else 0.0 if to >= start else (start - to) / (since - to)
            if totals:
                within = lambda start: 1.0 if since <= start else math.expm1(start / THINNING) / math.expm1(since / THINNING)
            today[story] += views * within(max(morning["since_midnight"] - counted, 0.0))
            day[story] += views * within(24.0)
    read = np.array([bool(steps) for steps in morning["counts"]])
    watched = memory * (1.0 - np.exp(-np.maximum(life, np.where(read, BRIEFEST, 0.0)) / memory))
    rates = np.sort(recent / (watched + DOUBT * memory))[::-1][:BEST]
    level = math.exp(np.log(rates[rates > 0]).mean())
    if level * memory < ENOUGH and memory < LONGEST:
        return facts(morning, totals, 2 * memory)
    novice = NOVICE * level
    doubt = max(DOUBT * memory, 1.0 / novice)
    expected = (recent + doubt * novice) / (watched + doubt)
    mean = day.mean()
    section = np.zeros(stories)
    for name in set(morning["section"]) - {""}:
        of = [story for story in range(stories) if morning["section"][story] == name]
        section[of] = math.log((day[of].sum() + NEIGHBOURS * mean) / (len(of) + NEIGHBOURS) / mean)
    return dict(age=morning["age"], rate=np.log(expected / level), section=section, level=level, today=today)


def hats(x, knots):
    """Linear interpolation as a matrix: a row for each x, a column for each knot."""
    knots = np.asarray(knots)
    x = np.clip(x, knots[0], knots[-1])
    at = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)
    share = (x - knots[at]) / (knots[at + 1] - knots[at])
    out = np.zeros((len(x), len(knots)))
    rows = np.arange(len(x))
    out[rows, at] = 1 - share
    out[rows, at + 1] += share
    return out


LOG_AGES = np.log1p(AGES)


def design(fact):
    table = np.einsum("ia,ib->iab", hats(np.log1p(fact["age"]), LOG_AGES), hats(fact["rate"], RATES))
    return np.concatenate([table.reshape(len(fact["age"]), -1), fact["section"][:, None]], 1)


def roughness():
    def line(knots):
        knots = np.asarray(knots)
        gaps = np.diff(knots)
        slope = np.diff(np.eye(len(knots)), axis=0) / gaps[:, None]
        bend = np.diff(slope, axis=0)
        return SLOPE * slope.T @ (slope * gaps[:, None]) + BEND * bend.T @ (bend / ((gaps[1:] + gaps[:-1]) / 2)[:, None])

    ages, rates = len(AGES), len(RATES)
    table = np.kron(line(LOG_AGES), np.eye(rates)) / rates + np.kron(np.eye(ages), line(RATES)) / ages
    whole = SIZE * np.eye(ages * rates + 1)
    whole[:-1, :-1] += table
    return whole


def fit(papers, what):
    """Listwise softmax against each story's share of the gains of the next 12 hours; Newton's method, steps of the rate never negative."""
    ages, rates = len(AGES), len(RATES)
    # In the unknowns, a row of the table is its first value and its steps, less what LEAST makes of them: those are never negative.
    rise = np.eye(ages * rates + 1)
    rise[:-1, :-1] = np.kron(np.eye(ages), np.tril(np.ones((rates, rates))))
    bound = np.append(np.tile(np.arange(rates) > 0, ages), True)
    least = np.append(np.tile(np.append(0.0, LEAST * np.diff(RATES)), ages), 0.0)
    penalty = rise.T @ roughness() @ rise
    packs = []
    for mornings in papers:
        size = max(len(morning["ids"]) for morning in mornings)
        x, there, share = np.zeros((len(mornings), size, len(rise))), np.zeros((len(mornings), size), bool), np.zeros((len(mornings), size))
        for row, morning in enumerate(mornings):
            stories, gains = len(morning["ids"]), morning["gains"]["next12"]
            x[row, :stories], there[row, :stories] = design(morning[what]) @ rise, True
            share[row, :stories] = gains / max(gains.sum(), 1e-9)
        packs.append((x, there, share))

    def loss(w):
        total = 0.5 * (w + least) @ penalty @ (w + least)
        for x, there, share in packs:
            z = np.where(there, x @ (w + least), -1e9)
            top = z.max(1, keepdims=True)
            total += (np.log(np.exp(z - top).sum(1)) + top[:, 0] - (share * np.where(there, z, 0)).sum(1)).mean()
        return total

    w = np.zeros(len(rise))
    best = loss(w)
    for _ in range(60):
        slope, curve = penalty @ (w + least), penalty.copy()
        for x, there, share in packs:
            z = np.where(there, x @ (w + least), -1e9)
            chance = np.exp(z - z.max(1, keepdims=True))
            chance /= chance.sum(1, keepdims=True)
            flat = x.reshape(-1, len(w))
            mean = np.einsum("cnf,cn->cf", x, chance)
            slope = slope + (chance - share).reshape(-1) @ flat / len(x)
            curve = curve + ((flat * chance.reshape(-1, 1)).T @ flat - mean.T @ mean) / len(x)
        free = ~(bound & (w <= 1e-12) & (slope > 0))
        step = np.zeros(len(w))
        step[free] = np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        length = 1.0
        while length > 1e-4:
            new = w - length * step
            new[bound & (new < 0)] = 0.0
            if loss(new) < best:
                break
            length /= 2
        else:
            break
        gained, w, best = best - loss(new), new, loss(new)
        if gained < 1e-6:
            break
    w = rise @ (w + least)
    # The softmax knows shares only: the amount is set so that the expected views of a morning sum up to the real ones, in the middle.
    amount = lambda morning: math.log(
        max(morning["gains"]["next12"].sum(), 1e-9) / 12 / (morning[what]["level"] * np.exp(design(morning[what]) @ w)).sum()
    )
    w[:-1] += np.mean([np.median([amount(morning) for morning in mornings]) for mornings in papers])
    return np.round(w, 2)


def hourly(fact, w):
    """Views per hour expected in the next 12 hours."""
    return fact["level"] * np.exp(design(fact) @ w + np.maximum(fact["rate"] - RATES[-1], 0.0))


def day(morning, fact, w):
    return fact["today"] + (24.0 - morning["since_midnight"]) * hourly(fact, w)


DISCOUNT = 1 / np.log2(np.arange(10) + 2)


def ndcg(morning, scores, target):
    gains = morning["gains"][target]
    ideal = np.sort(gains)[::-1][:10]
    order = np.lexsort((-morning["published"], -scores))[:10]
    return (gains[order] * DISCOUNT[: len(order)]).sum() / max((ideal * DISCOUNT[: len(ideal)]).sum(), 1e-9)


def judge(mornings, what, w):
    top = np.mean([ndcg(m, hourly(m[what], w), "next12") for m in mornings])
    most = np.mean([ndcg(m, day(m, m[what], w), "day") for m in mornings])
    return f"{top:.4f} {most:.4f}"


def rust(name, w):
    rows = w[:-1].reshape(len(AGES), -1)
    body = "\n".join("        [" + ", ".join(f"{round(100 * value)}" for value in row) + "]," for row in rows)
    return f"pub(super) const {name}: Table = Table {{\n    keeps: [\n{body}\n    ],\n    section: {w[-1]:.2f},\n}};\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--write", help="the file whose tables are replaced", type=pathlib.Path)
    arguments = arguments.parse_args()
    papers = {path.name.split(".")[0]: None for path in sorted(arguments.folder.glob("*.dev.cases.jsonl.gz"))}
    papers = {name: load(arguments.folder, name) for name in papers}
    first = [mornings[: len(mornings) // 2] for mornings in papers.values()]
    second = {name: mornings[len(mornings) // 2 :] for name, mornings in papers.items()}
    tables = []
    for what in ("series", "totals"):
        w = fit(first, what)
        tables.append(rust(what.upper(), w))
        print(f"{what}: fitted on the first halves; nDCG@10 of top and of the day's list")
        for name, mornings in papers.items():
            other = fit([papers[name]], what)
            print(f"  {name:10} first half {judge(mornings[: len(mornings) // 2], what, w)}  second half {judge(second[name], what, w)}")
            for another in papers:
                if another != name:
                    print(f"  {'':10} fitted on all of {name} alone: {another} {judge(papers[another], what, other)}")
        everything = fit(list(papers.values()), what)
        print("  fitted on everything, the same halves:", *(judge(mornings, what, everything) for mornings in second.values()))
    print("\n" + "\n".join(tables))
    if arguments.write:
        text = arguments.write.read_text()
        for name, table in zip(("SERIES", "TOTALS"), tables):
            start = text.index(f"pub(super) const {name}: Table")
            text = text[:start] + table + text[text.index("};\n", start) + 3 :]
        arguments.write.write_text(text)


if __name__ == "__main__":
    main()
