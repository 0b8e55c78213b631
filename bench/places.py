"""Place recognition: texts a second, on one core."""

import resource
import time

from bench.figure import Figure, Sizes

# About 150 characters; the inserted part names a place by its name, its sound, a part of it, or not at all.
FRAME = (
    "您好，我想反映一下，{}，昨天晚上十一点多一直有人施工，噪声很大，老人和孩子都睡不着，跟物业说了好几次也没有人管，"
    "另外楼下的路灯也坏了半个月了，晚上黑漆漆的，老人走路不安全，请有关部门尽快到现场处理，并给一个明确的答复，上次打电话说三天之内回话，到现在也没有人联系我，谢谢。"
)
NAMED = (
    "我住老山东里北区3号楼2单元", "就在古城南路21号门口", "模式口西里中曲家园这边", "六合园的居民", "我是来电咨询的",
    "从八角北里到八角中里这段路", "丰台区鲁谷路那头", "八角游乐园地铁站外面", "永乐小东区北区", "时代花园小区东门",
)  # fmt: skip


def measured(sizes: Sizes) -> Figure:
    """Texts a second with the demonstration's gazetteer, and its build time and memory."""
    from jieban.base.clock import local_date, now
    from jieban.cases.checks import district_gazetteer
    from jieban.language.place.gazetteer import build
    from jieban.language.place.place_finder import find

    entries = district_gazetteer.entries(local_date(now()))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    places = build(entries)
    built = time.perf_counter() - began
    texts = [FRAME.format(named) for named in NAMED]
    for text in texts:
        find(text, places)
    done, began, end = 0, time.process_time(), time.process_time() + sizes.seconds
    while time.process_time() < end:
        for text in texts:
            find(text, places)
        done += len(texts)
    taken = time.process_time() - began
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return Figure(
        "Places found in texts, one core",
        {
            "places": len(entries),
            "characters a text": round(sum(map(len, texts)) / len(texts)),
            "texts per second": round(done / taken),
            "build (ms)": round(built * 1000, 1),
            "memory of it (MB)": max(round(memory, 1), 0.1),
        },
    )
