from django.apps import AppConfig


class GalleryConfig(AppConfig):
    name = "jiuye.portals.gallery"
    label = "portal_gallery"
