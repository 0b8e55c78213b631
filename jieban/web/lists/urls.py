"""URL patterns of lists and the map."""

from django.urls import path

from jieban.web.lists import case_list_views, map_views, saved_list_views

urlpatterns = [
    path("map/", map_views.map_page, name="map"),
    path("map/streets/", map_views.street_boundaries, name="map-streets"),
    path("map/spots/", map_views.clusters, name="map-spots"),
    path("cases/", case_list_views.cases, name="cases"),
    path("cases/views/", saved_list_views.save_view, name="view-keep"),
    path("cases/views/<int:pk>/drop/", saved_list_views.drop_view, name="view-drop"),
    path("cases/export/", saved_list_views.export, name="cases-export"),
]
