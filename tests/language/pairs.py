"""Invented pairs of message and reply, and the real ones where they lie beside the checkout."""

import os
from pathlib import Path

from jieban.language.similarity.relevance_evaluation import Pair

ROOT = Path(__file__).parents[2]
SHARED = next(
    (
        folder
        for folder in (
            Path(os.environ.get("JIEBAN_SHARED", ROOT / "none")),
            *(parent / "shared" for parent in ROOT.parents),
        )
        if folder.is_dir()
    ),
    ROOT.parent / "shared",
)
REAL = SHARED / "data" / "replies_400.csv"

PAIRS: list[Pair] = [
    (
        "柳荫里小区3号楼电梯停运",
        "柳荫里小区3号楼的电梯从上周五起就停了，楼里老人多，请尽快修好。",
        "您好！您反映的柳荫里小区3号楼电梯停运问题收悉。经查，电梯主机故障，维保公司已于3月6日更换配件，恢复运行。",
    ),
    (
        "204路公交车发车间隔太长",
        "早高峰在槐树街站等204路，等了四十分钟没有车，请公交公司增加班次。",
        "您好！经与公交集团联系，204路早高峰发车间隔将由20分钟缩短为10分钟，自4月1日起执行。感谢您的支持！",
    ),
    (
        "咨询灵活就业人员养老保险补缴",
        "我以前在外地打工，养老保险断缴了三年，请问灵活就业人员可以补缴吗？需要什么材料？",
        "您好！按照规定，灵活就业人员不能补缴以前年度的基本养老保险费，可持身份证到社保大厅继续参保缴费。",
    ),
    (
        "夜市烧烤油烟扰民",
        "青石巷夜市的烧烤摊每天烧到凌晨两点，油烟直接进屋，孩子睡不了觉。",
        "您好！来信收悉。城管执法队于5月8日晚到青石巷检查，责令6家烧烤摊安装油烟净化设备，并将营业时间限至22时。",
    ),
    (
        "请求修复石桥村通村道路",
        "石桥村到镇上的水泥路坑坑洼洼，雨天学生摔了好几次，请安排修路。",
        "您好！经现场核实，石桥村通村道路破损约1.2公里，已列入今年农村道路养护计划，8月底前完工。",
    ),
    (
        "小学门口没有斑马线",
        "育才小学东门车流大，没有斑马线也没有信号灯，家长很担心。",
        "您好！交警大队已会同区城管委踏勘，育才小学东门的斑马线和黄闪灯于9月1日开学前施划安装完毕。",
    ),
]
