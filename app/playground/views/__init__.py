"""What the templates show, computed: frozen values without behaviour."""
