"""Prints each test in a report of `python -m test --junit-xml`, with how it ended: `<test> <passed|failed|skipped>`."""

import sys
import xml.etree.ElementTree


def ended(case):
    tags = {part.tag for part in case}
    if tags & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in tags else "passed"


for case in xml.etree.ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
    # What failed before its first test (`setUpClass`) has a name with blanks; what is no test has none.
    if name := case.get("name"):
        print("_".join(name.split()), ended(case))
