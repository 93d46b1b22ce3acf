"""The English catalogue: what must be translated, what is missing, and the compiled file that Django reads.

Chinese is the language of the source: a msgid is the Chinese text, so there is no Chinese catalogue.
"""

from jiuye.portals.common.translations.catalogue import compile_catalogue, examine, merge, stubs
from jiuye.portals.common.translations.extract import Finding, Message, extract

__all__ = ["Finding", "Message", "compile_catalogue", "examine", "extract", "merge", "stubs"]
