"""An invented notice of the holidays of a year, as the administrator uploads it."""

NOTICE = "day,is_workday,name,notice\n" + "".join(
    f"{day},{work},{name},国办发〔2030〕9号\n"
    for day, work, name in (
        ("2031-01-01", 0, "元旦"), ("2031-01-02", 0, "元旦"), ("2031-01-04", 1, "元旦"),
        ("2031-05-01", 0, "劳动节"), ("2031-10-01", 0, "国庆节"),
    )
)  # fmt: skip
