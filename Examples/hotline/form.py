"""The answer's form: departments, their categories, urgency; and how an answer is read."""

import json
from pathlib import Path

DEPARTMENTS = {
    "城市管理局": ["占道经营", "违法建设", "环境卫生"],
    "公安局": ["违法停车", "治安管理", "犬只扰民"],
    "交通运输局": ["公交地铁", "出租网约车", "道路破损"],
    "生态环境局": ["噪声污染", "废气异味", "水体污染"],
    "住房和城乡建设局": ["物业服务", "房屋质量", "供暖燃气"],
    "市场监督管理局": ["食品安全", "消费维权", "电梯安全"],
    "人力资源和社会保障局": ["拖欠工资", "社会保险", "劳动合同"],
    "教育局": ["入学转学", "校外培训", "校园管理"],
    "卫生健康委员会": ["医疗服务", "疫苗接种", "控烟卫生"],
    "水务局": ["停水水压", "水质异常", "排水内涝"],
}
URGENCY = ["一般", "紧急", "特急"]
FIELDS = ["部门", "类别", "紧急"]


def read(answer: str) -> dict[str, str] | None:
    """The three fields, or None where the answer is anything but three lines of the form with values of the lists."""
    parts = [line.split("：", 1) for line in answer.strip().split("\n")]
    if [part[0] for part in parts] != FIELDS or any(len(part) != 2 for part in parts):
        return None
    fields = dict(parts)
    categories = DEPARTMENTS.get(fields["部门"], [])
    return fields if fields["类别"] in categories and fields["紧急"] in URGENCY else None


def loose(answer: str) -> dict[str, str]:
    """What an answer says of each field, as far as it can be told: values of the lists behind the field's name."""
    found = {}
    for line in answer.replace(":", "：").split("\n"):
        name, _, value = line.strip(" *-#").partition("：")
        if name.strip(" *") in FIELDS:
            found.setdefault(name.strip(" *"), value.strip(" *。"))
    return found


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def guide() -> str:
    """All that may be answered, for a model that has not been taught it."""
    lists = "；".join(f"{name}（{'、'.join(categories)}）" for name, categories in DEPARTMENTS.items())
    return f"\n部门与类别只能是：{lists}。"
