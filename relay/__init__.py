"""The relay: the post office between families, the mediator and the places of detention."""
