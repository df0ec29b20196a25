"""A report as JUnit XML, the form that continuous-integration servers read."""

import re
from xml.etree import ElementTree as ET

from grader.report import CheckResult, ExerciseResult, Report, Status

# Characters that XML 1.0 cannot hold (W3C, "Extensible Markup Language 1.0", section 2.2).
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """Return the report as an XML document: a suite an exercise, a case a check.

    Checks that were not reached are skipped; a problem of the whole submission is an error.
    """
    root = ET.Element("testsuites", name="learnkit")
    for exercise in report.exercises:
        root.append(_suite(exercise))
    if report.problems:
        suite = ET.SubElement(root, "testsuite", name="submission", tests="1", errors="1")
        case = ET.SubElement(suite, "testcase", name="can be graded", classname="submission")
        ET.SubElement(case, "error", message=_clean(" ".join(report.problems)))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(exercise: ExerciseResult) -> ET.Element:
    suite = ET.Element("testsuite", name=exercise.id, time=f"{exercise.seconds:.6f}")
    kinds = {"failures": 0, "errors": 0, "skipped": 0}
    for check in exercise.checks:
        case = ET.SubElement(suite, "testcase", name=_clean(check.name), classname=exercise.id)
        kind, tag = _kind(check)
        if tag:
            kinds[kind] += 1
            element = ET.SubElement(case, tag, message=_clean(check.message))
            element.text = _clean(_details(check, exercise))
        if check.advice:
            ET.SubElement(case, "system-out").text = _clean(check.advice)
    suite.set("tests", str(len(exercise.checks)))
    for kind, count in kinds.items():
        suite.set(kind, str(count))
    return suite


def _kind(check: CheckResult) -> tuple[str, str]:
    if check.status is Status.PASSED:
        return "", ""
    if check.status is Status.NOT_REACHED:
        return "skipped", "skipped"
    return ("failures", "failure") if check.status is Status.FAILED else ("errors", "error")


def _details(check: CheckResult, exercise: ExerciseResult) -> str:
    lines = [f"{exercise.mistake.message}\n" if exercise.mistake else ""]
    for label, text in (
        ("called", check.called),
        ("expected", check.expected),
        ("got", check.got),
        ("try", check.suggestion),
    ):
        lines += [f"{label}: {text}\n"] if text else []
    return "".join(lines)


def _clean(text: str) -> str:
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
