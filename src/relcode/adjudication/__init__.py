"""From coders' labels to accepted ones: what they agree on, what is in dispute, what a person or a policy decides."""

from relcode.adjudication.accepted import AcceptedPart, DoubleCoding, accepted_parts, double_codings
from relcode.adjudication.chain import all_chains, explain_turn
from relcode.adjudication.coverage import Coded, Coverage, coded_sessions, read_coverage
from relcode.adjudication.findings import Finding, compare
from relcode.adjudication.judgement import Judgement, decide_by_person
from relcode.adjudication.policies import Decision, Policy, check_policy, decide, undecided
from relcode.adjudication.report import DisputeReport, report_disputes
from relcode.adjudication.settling import Settlement, accepted_labels, find_disputes, settle

__all__ = [
    "AcceptedPart",
    "Coded",
    "Coverage",
    "Decision",
    "DisputeReport",
    "DoubleCoding",
    "Finding",
    "Judgement",
    "Policy",
    "Settlement",
    "accepted_labels",
    "accepted_parts",
    "all_chains",
    "check_policy",
    "coded_sessions",
    "compare",
    "decide",
    "decide_by_person",
    "double_codings",
    "explain_turn",
    "find_disputes",
    "read_coverage",
    "report_disputes",
    "settle",
    "undecided",
]
