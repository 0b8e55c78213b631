"""Action cards of public cases: publish, unpublish, support. Pure."""

from django.utils.translation import gettext_lazy as _

from jieban.cases.flow.action import Action
from jieban.cases.flow.cards.card import ActionCard, OnPage
from jieban.cases.flow.cards.card_fields import Choice, Line, Text
from jieban.channels.message_types import Language

CARDS = (
    ActionCard(
        action=Action.PUBLISH,
        fields=(
            Line("title", _("公开标题"), longest=60, longest_sent=200),
            Text("summary", _("公开简介"), help=_("什么事、在哪一带、现在谁在办，用自己的话写。")),
        ),
        page=OnPage(
            370,
            _("公开"),
            _("公开后居民可以看到标题和简介，并表示支持。不要写姓名、门牌和电话。"),
        ),
    ),
    ActionCard(
        action=Action.UNPUBLISH,
        fields=(Text("reason", _("理由"), required=False, on_page=False),),
        page=OnPage(380, _("撤下"), _("撤下后公开页面不再显示，支持记录保留。")),
    ),
    # Residents support on the public page, whose language their text message has.
    ActionCard(
        action=Action.SUPPORT,
        fields=(
            Line("phone", _("手机号")),
            Text("text", _("补充"), required=False),
            Choice("language", of=Language, required=False, on_page=False, in_api=False),
        ),
    ),
)
