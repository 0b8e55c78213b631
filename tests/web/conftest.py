import pytest

from jieban.registry.models import Category
from tests.cases.scene import Scene, make_leaf, make_scene


@pytest.fixture
def scene(db: None) -> Scene:
    return make_scene()


@pytest.fixture
def leaf(scene: Scene) -> Category:
    return make_leaf(scene)
