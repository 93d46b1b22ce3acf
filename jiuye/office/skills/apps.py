from django.apps import AppConfig


class SkillsConfig(AppConfig):
    name = "jiuye.office.skills"
    label = "skills"
    verbose_name = "技能与见习"
