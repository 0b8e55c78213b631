"""The only writer of cases: everything that can be done to one, each as one committed change."""

from jieban.cases.actions.attaching import attach, attach_all, with_files
from jieban.cases.actions.calls import (
    EmergencyCall,
    follow_up,
    receive_and_answer,
    receive_and_hand_over,
    receive_and_merge,
    receive_noting_calls,
)
from jieban.cases.actions.closing import check, check_with_photo, close, send_back, visit_back
from jieban.cases.actions.handling import (
    arrive,
    co_report,
    dispatch,
    dispute,
    grant,
    hand_down,
    put_on_account,
    record_visit,
    refuse,
    report_result,
    request_extension,
    resume,
    review,
    settle,
    sign,
    whistle,
)
from jieban.cases.actions.intake import (
    Matter,
    answer_now,
    decline,
    erase,
    hand_over,
    merge,
    reopen,
    split,
    unmerge,
    withdraw,
)
from jieban.cases.actions.opening import publish, support, unpublish
from jieban.cases.actions.reading import keep_readings, receive_read
from jieban.cases.actions.receiving import Concern, Received, receive, receive_all, receive_with_files
from jieban.cases.actions.sending import send
from jieban.cases.actions.step import admit
from jieban.cases.actions.supervision import (
    add_note,
    escalate,
    mark_urgent,
    reclassify,
    remind,
    remind_once,
    supervise,
    supervise_once,
    supplement,
    take_over,
)
from jieban.cases.actions.timed import recompute_due, warn

__all__ = [
    "Concern", "EmergencyCall", "Matter", "Received", "add_note", "admit", "answer_now", "arrive", "attach",
    "attach_all", "check", "check_with_photo", "close", "co_report", "decline", "dispatch", "dispute",
    "erase", "escalate", "follow_up", "grant", "hand_down", "hand_over", "keep_readings", "mark_urgent", "merge",
    "publish",
    "put_on_account", "receive", "receive_all", "receive_and_answer", "receive_and_hand_over",
    "receive_and_merge", "receive_noting_calls", "receive_read", "receive_with_files", "reclassify",
    "recompute_due",
    "record_visit", "refuse",
    "remind", "remind_once", "reopen", "report_result", "request_extension", "resume", "review", "send",
    "send_back", "settle", "sign", "split", "supervise", "supervise_once", "supplement", "support",
    "take_over", "unmerge", "unpublish", "visit_back", "warn", "whistle", "with_files", "withdraw",
]  # fmt: skip
