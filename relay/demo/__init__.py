"""The demo world: two sides, a mediator between them, and a few dozen letters that go the whole way over real HTTP."""
