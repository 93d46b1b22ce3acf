"""Django's own commands (makemigrations, shell) on this installation's database."""

import sys

from jiuye.config.django_setup import setup_django

if __name__ == "__main__":
    setup_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
