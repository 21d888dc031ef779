"""Rankings as TREC's runs, their measures for each query, and the paired randomisation test."""

import collections
import math
import random


def read_run(path):
    """query → the keys of its documents, best first"""
    ranking = collections.defaultdict(list)
    for line in open(path, encoding="utf-8"):
        query, _, key, *_ = line.split()
        ranking[query].append(key)
    return ranking


def read_judgments(path):
    """query → key → grade"""
    grades = collections.defaultdict(dict)
    for line in open(path, encoding="utf-8"):
        if line.strip():
            query, _, key, grade = line.split()
            grades[query][key] = int(grade)
    return grades


def ndcg(keys, grades):
    def discounted(some):
        return sum((2 ** max(grade, 0) - 1) / math.log2(rank + 2) for rank, grade in enumerate(some[:10]))
    return discounted([grades.get(key, 0) for key in keys]) / discounted(sorted(grades.values(), reverse=True))


def recall(keys, grades):
    relevant = {key for key, grade in grades.items() if grade > 0}
    return len(relevant & set(keys[:100])) / len(relevant)


def measures(run, judgments, queries):
    """query → nDCG@10 and recall@100, for the queries that have a relevant document"""
    return {query: (ndcg(run.get(query, []), judgments[query]), recall(run.get(query, []), judgments[query]))
            for query in queries if any(grade > 0 for grade in judgments[query].values())}


def p_value(differences, rounds=10_000):
    """How likely chance makes a mean at least so far from 0, if each sign is random (Smucker, Allan and Carterette, 2007)."""
    differing = [d for d in differences if abs(d) > 1e-9]
    observed, total = abs(sum(differing)), sum(differing)
    chance, extreme = random.Random(1), 0
    for _ in range(rounds):
        bits = chance.getrandbits(len(differing)) if differing else 0
        changed = sum(d for i, d in enumerate(differing) if bits >> i & 1)
        extreme += abs(total - 2 * changed) >= observed - 1e-12
    return (extreme + 1) / (rounds + 1)


def mean(values):
    return sum(values) / len(values)
