"""Functions to scenes: what a picture shows, as plain values. `report/pictures/` draws them."""
