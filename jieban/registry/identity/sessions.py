"""Browser sessions with a column for the person, so that people can list and end their sessions."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils.translation import gettext as _

from jieban.base.clock import now
from jieban.base.sql.param import Param
from jieban.base.sql.prepared import Prepared
from jieban.registry.models import Person, Session

# Runs at every request.
_SESSION = Prepared(lambda: Session.objects.filter(session_key=Param("key"), expire_date__gt=Param("at")))
BEGAN_KEY = "began"
DEVICE_KEY = "device"
# A session in use is extended, but not at every request.
SAVE_INTERVAL = timedelta(minutes=10)


class SessionStore(DatabaseStore):
    """Session store: Django's database sessions in our own table."""

    expires_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        assert isinstance(row, Session)
        began = data.get(BEGAN_KEY)
        row.person_id = data.get(SESSION_KEY)
        row.began_at = datetime.fromisoformat(began) if began else None
        row.device = data.get(DEVICE_KEY, "")
        return row

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key or ""
        # Our keys are alphanumeric; any other key is not looked up.
        rows: list[Session] = _SESSION.objects(key=key, at=now()) if key.isalnum() else []
        if not rows:
            self._session_key = None
            return None
        self.expires_at = rows[0].expire_date
        return rows[0]

    def keep_alive(self, at: datetime) -> None:
        """Extends a session that is in use."""
        if self.expires_at and self.expires_at - at < _idle_timeout() - SAVE_INTERVAL:
            self.modified = True


def begin(store: Any, at: datetime, agent: str) -> None:
    """Records when and in which browser somebody signed in."""
    store[BEGAN_KEY] = at.isoformat()
    store[DEVICE_KEY] = device_of(agent)


def of_person(person: Person, at: datetime) -> list[Session]:
    """The person's valid sessions, the one used last first."""
    valid = Session.objects.filter(person=person, expire_date__gt=at)
    return list(valid.defer("session_data").order_by("-expire_date")[:50])


def last_used_at(session: Session) -> datetime:
    """When the session was last used, to within ten minutes."""
    return session.expire_date - _idle_timeout()


def end_others(person: Person, kept: str | None) -> int:
    """Ends all sessions of the person but one, from their next request on. Returns how many."""
    return Session.objects.filter(person=person).exclude(session_key=kept or "").delete()[0]


def device_of(agent: str) -> str:
    """Browser and operating system in words, 'Chrome · Windows', from the user agent."""
    browsers = ("MicroMessenger", "Edg", "Firefox", "Chrome", "Safari")
    systems = ("HarmonyOS", "Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
    names = {"Edg": "Edge", "MicroMessenger": _("微信"), "Mac OS": "macOS"}
    found = [next((name for name in among if name in agent), "") for among in (browsers, systems)]
    return " · ".join(names.get(name, name) for name in found if name)


def _idle_timeout() -> timedelta:
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)
