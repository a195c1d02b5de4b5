"""Reads JUnit XML with junitparser and prints its cases as JSON."""
import json
import sys

from junitparser import Error, Failure, JUnitXml, Skipped

KINDS = {Error: "error", Failure: "failure", Skipped: "skipped"}
cases = []
for suite in JUnitXml.fromstring(sys.stdin.buffer.read()):
    assert suite.tests == len(list(suite)), "a suite should count its cases"
    for case in suite:
        results = [KINDS[type(result)] for result in case.result]
        assert len(results) <= 1, "a case ends in one way"
        properties = {p.get("name"): p.get("value") for p in case._elem.iter("property")}
        cases.append({
            "name": case.name,
            "status": results[0] if results else "passed",
            "points": [properties.get("points"), properties.get("max_points")],
        })
json.dump(cases, sys.stdout)
