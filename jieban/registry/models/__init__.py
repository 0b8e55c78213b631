"""Tables of the registry: places, units, people with posts, category tree and dispatch directory (派单目录).

Everything that changes from year to year has `valid_from` and `valid_to` (the first day on which it is not valid)."""

from jieban.registry.models.article import Article as Article
from jieban.registry.models.article import ArticleState as ArticleState
from jieban.registry.models.article import ArticleVersion as ArticleVersion
from jieban.registry.models.article import CorrectionProposal as CorrectionProposal
from jieban.registry.models.category import Category as Category
from jieban.registry.models.category import DirectoryRow as DirectoryRow
from jieban.registry.models.config_change import ConfigChange as ConfigChange
from jieban.registry.models.config_change import LoadedFile as LoadedFile
from jieban.registry.models.dated import Dated as Dated
from jieban.registry.models.dated import holds as holds
from jieban.registry.models.dated import holds_on as holds_on
from jieban.registry.models.document import Document as Document
from jieban.registry.models.document import DocumentBody as DocumentBody
from jieban.registry.models.document import DocumentFile as DocumentFile
from jieban.registry.models.ledger import LedgerEntity as LedgerEntity
from jieban.registry.models.ledger import LedgerEvent as LedgerEvent
from jieban.registry.models.ledger import LedgerText as LedgerText
from jieban.registry.models.ledger import Seal as Seal
from jieban.registry.models.person import MOST_DELEGATED_DAYS as MOST_DELEGATED_DAYS
from jieban.registry.models.person import ApiToken as ApiToken
from jieban.registry.models.person import Attempt as Attempt
from jieban.registry.models.person import Delegation as Delegation
from jieban.registry.models.person import Holding as Holding
from jieban.registry.models.person import Person as Person
from jieban.registry.models.person import PersonManager as PersonManager
from jieban.registry.models.person import Post as Post
from jieban.registry.models.person import Session as Session
from jieban.registry.models.place import Place as Place
from jieban.registry.models.place import PlaceVersion as PlaceVersion
from jieban.registry.models.place import Unit as Unit
from jieban.registry.models.script import CallScript as CallScript
from jieban.registry.models.shifts import Duty as Duty
from jieban.registry.models.shifts import DutyRole as DutyRole
from jieban.registry.models.shifts import HandOver as HandOver
from jieban.registry.models.shifts import ShiftKind as ShiftKind
