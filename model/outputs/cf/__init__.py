"""Results as a file by the CF conventions, which GIS programs open as layers and xarray by names."""
