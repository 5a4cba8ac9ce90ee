"""The one door through which everything goes that changes custody."""
