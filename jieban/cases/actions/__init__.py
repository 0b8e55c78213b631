"""Actions: the only code that writes cases. Each action is one transaction."""

from jieban.cases.actions.call_outcomes import (
    AnswerAtOnce,
    CallOutcome,
    EmergencyCall,
    GoOn,
    JoinCase,
    PassToEmergency,
    follow_up,
    receive_and_answer,
    receive_and_hand_over,
    receive_and_merge,
    receive_call,
    receive_noting_calls,
)
from jieban.cases.actions.course.dispatching import (
    arrive,
    dispatch,
    dispute,
    hand_down,
    settle,
    sign,
    whistle,
)
from jieban.cases.actions.course.extensions import (
    grant,
    put_on_account,
    refuse,
    request_extension,
    resume,
    review,
)
from jieban.cases.actions.course.handling import co_report, record_visit, report_result
from jieban.cases.actions.course.publish import publish, support, unpublish
from jieban.cases.actions.course.supervise import (
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
from jieban.cases.actions.door.transition import admit
from jieban.cases.actions.ending.closing import (
    check,
    check_with_photo,
    close,
    send_back,
    visit_back,
)
from jieban.cases.actions.ending.endings import erase, reopen, withdraw
from jieban.cases.actions.ending.timers import recompute_due, warn
from jieban.cases.actions.files.attach import act_with_files, attach, attach_all
from jieban.cases.actions.intake.receive import (
    Concern,
    Received,
    receive,
    receive_all,
    receive_with_files,
)
from jieban.cases.actions.intake.reception import answer_now, decline, hand_over
from jieban.cases.actions.intake.split_and_merge import Matter, merge, split, unmerge
from jieban.cases.actions.intake.suggestion_rows import save_readings
from jieban.cases.actions.offline import apply_sent_item

__all__ = [
    "AnswerAtOnce", "CallOutcome", "Concern", "EmergencyCall", "GoOn", "JoinCase", "Matter",
    "PassToEmergency", "Received", "act_with_files", "add_note", "admit", "answer_now", "apply_sent_item",
    "arrive", "attach", "attach_all", "check", "check_with_photo", "close", "co_report", "decline",
    "dispatch", "dispute", "erase", "escalate", "follow_up", "grant", "hand_down", "hand_over",
    "mark_urgent", "merge", "publish", "put_on_account", "receive", "receive_all", "receive_and_answer",
    "receive_and_hand_over", "receive_and_merge", "receive_call", "receive_noting_calls",
    "receive_with_files", "reclassify", "recompute_due", "record_visit", "refuse", "remind", "remind_once",
    "reopen", "report_result", "request_extension", "resume", "review", "save_readings", "send_back",
    "settle", "sign", "split", "supervise", "supervise_once", "supplement", "support", "take_over",
    "unmerge", "unpublish", "visit_back", "warn", "whistle", "withdraw",
]  # fmt: skip
