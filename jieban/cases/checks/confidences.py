"""Calibration in use: how reliable readings from key words are, or the prior expectation."""

import logging
from functools import lru_cache

from jieban.cases.checks import model_store
from jieban.cases.models import TrainedModel
from jieban.language.classify import calibration
from jieban.language.classify.calibration import PRIOR, Calibration
from jieban.language.text.model_file import BadModel

log = logging.getLogger("jieban.confidences")

CALIBRATION = TrainedModel.Kind.CALIBRATION


def live_calibration() -> Calibration:
    """The calibration in use; the priors without one, or if it cannot be loaded. One query."""
    model_id = model_store.model_in_use(CALIBRATION).model_id
    return PRIOR if model_id is None else _load_calibration(model_id)


@lru_cache(maxsize=2)
def _load_calibration(model_id: int) -> Calibration:
    try:
        return calibration.deserialize(model_store.model_content(model_id), f"{model_id}")
    except BadModel as error:
        log.error("把握改用初始估计：%s", error)
        return PRIOR
