"""Files: uploaded, attached, searched, downloaded."""
